import { PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import type { Schemas } from '../../api/client';
import { useApi } from '../../api/hooks';
import { filled } from '../../parts/filled';
import { ObjectForm } from '../../parts/ObjectForm';
import { Page } from '../../parts/Page';
import { nameProblem } from '../../parts/words';
import { PersonFields, words } from './fields';
import { usePeople, type Kind, type Person } from './kind';

function missing(kind: Kind, value: Person): Readonly<Record<string, string | undefined>> {
	return {
		'/id': value.id === '' ? undefined : nameProblem(value.id, ''),
		...(kind.realm === 'user' && (value.username ?? '') === '' ? { '/username': 'A user needs a username.' } : {}),
		...(kind.realm === 'customer' && (value.email ?? '') === '' ? { '/email': 'A customer needs an e-mail.' } : {}),
	};
}

export function NewPerson({ kind }: { kind: Kind }) {
	const { partition, all, to } = usePeople(kind);
	const api = useApi();
	const navigate = useNavigate();
	const isUser = kind.realm === 'user';
	const [beginning] = useState(() => {
		const value: Person = { id: '', email: '', enabled: true, claims: null, password: '', password_set: false, version: 0, ...(isUser ? { username: '', department: null, roles: [] } : {}) };
		return { value, etag: null };
	});
	return (
		<Page title={`New ${kind.one}`} about={kind.about}>
			<ObjectForm<Person>
				held={beginning}
				words={words}
				check={(value) => missing(kind, value)}
				save={({ id, username, email, department, roles, enabled, claims, password }) =>
					api.create(kind.list, { partition }, filled({ id, username, email, department, roles, enabled, claims, password }) as Schemas['NewUser'])
				}
				saved={(held) => void navigate(to(held.value.id), { replace: true })}
				verb="Create"
				cancel={() => void navigate(all)}
			>
				{(draft) => (
					<PersonFields draft={draft} kind={kind} isNew>
						<PasswordInput
							label="Password"
							description={`At least 8 characters. Without one the ${kind.one} cannot sign in until it is set.`}
							autoComplete="new-password"
							maw={420}
							{...draft.text('password')}
							aria-invalid={draft.error('/password') !== undefined}
						/>
					</PersonFields>
				)}
			</ObjectForm>
		</Page>
	);
}
