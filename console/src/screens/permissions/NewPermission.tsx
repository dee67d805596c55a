import { Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import type { Held, Schemas } from '../../api/client';
import { useApi, usePartition } from '../../api/hooks';
import { pathTo } from '../../layout/sections';
import { Block } from '../../parts/Block';
import type { Draft } from '../../parts/draft';
import { filled } from '../../parts/filled';
import { ObjectForm } from '../../parts/ObjectForm';
import { Page } from '../../parts/Page';
import { kindOfName, nameProblem } from '../../parts/words';
import { DescriptionField, KindField, words } from './fields';
import { about } from './PermissionList';

type NewOne = Schemas['NewPermission'];

export function NewPermission() {
	const partition = usePartition();
	const api = useApi();
	const navigate = useNavigate();
	const all = pathTo(partition, 'integration', 'permissions');
	const [beginning] = useState<Held<NewOne>>({ value: { name: '', description: '', kind: 'delegated' }, etag: null });
	return (
		<Page title="New permission" about={about}>
			<ObjectForm
				held={beginning}
				words={words}
				check={(value) => ({ '/name': nameProblem(value.name, 'A permission needs a name.') })}
				save={(value) => api.create('/partitions/{partition}/permissions', { partition }, filled(value as NewOne))}
				saved={(held) => void navigate(pathTo(partition, 'integration', 'permissions', held.value.name), { replace: true })}
				verb="Create"
				cancel={() => void navigate(all)}
			>
				{(draft) => (
					<Block title="Permission">
						<Stack maw={640}>
							<NameField draft={draft} />
							<DescriptionField draft={draft} />
							<KindField draft={draft} />
						</Stack>
					</Block>
				)}
			</ObjectForm>
		</Page>
	);
}

/** The kind follows the name while it is typed, until another is chosen. */
function NameField({ draft }: { draft: Draft<NewOne> }) {
	const field = draft.text('name');
	return (
		<TextInput
			label="Name"
			description="Without the partition's prefix. It cannot be changed later."
			placeholder="knowledge.portalmgr.read"
			required
			autoComplete="off"
			spellCheck={false}
			{...field}
			onChange={(event) => {
				const follows = draft.value.kind === kindOfName(draft.value.name);
				const name = event.currentTarget.value;
				field.onChange(event);
				if (follows) draft.set('kind', kindOfName(name));
			}}
		/>
	);
}
