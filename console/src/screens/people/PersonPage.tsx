import { Stack, Text } from '@mantine/core';
import { useNavigate } from 'react-router';

import { useApi, useMe, useNamed } from '../../api/hooks';
import { useCrumb } from '../../layout/Crumbs';
import { changesOf } from '../../parts/draft';
import { Enabled } from '../../parts/Enabled';
import { ObjectForm } from '../../parts/ObjectForm';
import { ObjectTabs } from '../../parts/ObjectTabs';
import { Page } from '../../parts/Page';
import { ReadPage } from '../../parts/ReadPage';
import { Remove } from '../../parts/Remove';
import { Connected } from './Connected';
import { PersonFields, words } from './fields';
import { loginOf, nameOf, usePeople, usePerson, type Kind, type Person, type PersonHeld } from './kind';
import { PasswordBlock } from './Password';
import { PersonSessions } from './PersonSessions';

export function PersonPage({ kind }: { kind: Kind }) {
	const id = useNamed('id');
	const person = usePerson(kind, id);
	useCrumb(person.data === undefined ? undefined : loginOf(person.data.value));
	return (
		<ReadPage title={kind.realm === 'user' ? 'User' : 'Customer'} of={person}>
			{(held) => <There kind={kind} held={held} key={id} />}
		</ReadPage>
	);
}

function There({ kind, held }: { kind: Kind; held: PersonHeld }) {
	const { all, to } = usePeople(kind);
	const person = held.value;
	return (
		<Page
			title={nameOf(person)}
			about={
				<>
					{kind.realm === 'user' ? 'User' : 'Customer'} {loginOf(person)} <Enabled enabled={person.enabled} />
				</>
			}
			actions={<RemovePerson kind={kind} held={held} all={all} />}
		>
			<ObjectTabs
				label={kind.realm === 'user' ? 'User' : 'Customer'}
				address={to(person.id)}
				tabs={[
					{ key: 'general', label: 'General', panel: () => <General kind={kind} held={held} /> },
					{ key: 'sessions', label: 'Sessions', panel: () => <PersonSessions kind={kind} person={person} /> },
					{ key: 'applications', label: 'Connected applications', panel: () => <Connected kind={kind} person={person} /> },
				]}
			/>
		</Page>
	);
}

function General({ kind, held }: { kind: Kind; held: PersonHeld }) {
	const { partition } = usePeople(kind);
	const api = useApi();
	const at = { partition, id: held.value.id };
	return (
		<Stack gap="lg">
			<PasswordBlock kind={kind} held={held} />
			<ObjectForm<Person>
				held={held}
				read={() => api.read(kind.object, at)}
				save={(changes, etag) => api.change(kind.object, at, etag, patchOf(held.value, changes))}
				words={words}
			>
				{(draft) => <PersonFields draft={draft} kind={kind} />}
			</ObjectForm>
		</Stack>
	);
}

/** Of the claims only those that were changed: what somebody else made of the others meanwhile stays. */
function patchOf(before: Person, changes: Partial<Person>): Partial<Person> {
	if (changes.claims === undefined || changes.claims === null) return changes;
	return { ...changes, claims: changesOf<object>(before.claims ?? {}, changes.claims) };
}

function RemovePerson({ kind, held, all }: { kind: Kind; held: PersonHeld; all: string }) {
	const { partition } = usePeople(kind);
	const api = useApi();
	const navigate = useNavigate();
	const me = useMe();
	const person = held.value;
	const isMe = kind.realm === 'user' && me.id === person.id && me.partition === partition;
	return (
		<Remove
			what={kind.one}
			name={loginOf(person)}
			act={() => api.remove(kind.object, { partition, id: person.id }, held.etag)}
			gone={() => navigate(all)}
		>
			{isMe && (
				<Text size="sm" fw={600} mb="xs">
					This is you: you will be signed out of this console for good.
				</Text>
			)}
			The {kind.one}, the sessions, and what was allowed to client applications are gone at once, and every token stops working. This cannot be undone. To keep somebody out for a while, disable the {kind.one} instead.
		</Remove>
	);
}
