import { Radio, Stack, Textarea } from '@mantine/core';

import type { Schemas } from '../../api/client';
import type { Draft } from '../../parts/draft';
import { kindWords } from '../applications/words';

export const words = { name: 'Name', description: 'Description', kind: 'Kind' } as const;

type Editable = Schemas['NewPermission'];

export function DescriptionField({ draft }: { draft: Draft<Editable> }) {
	return (
		<Textarea
			label="Description"
			description="What it allows, in words: people read it when they are asked for consent."
			autosize
			minRows={2}
			maxLength={1024}
			{...draft.text('description')}
		/>
	);
}

export function KindField({ draft }: { draft: Draft<Editable> }) {
	return (
		<Radio.Group
			label="Kind"
			description="Which flow can carry it. The name tells it (app. in front, .onbehalfof. inside); choose another only where a name tells it wrong."
			error={draft.error('/kind')}
			value={draft.value.kind ?? ''}
			onChange={(value) => draft.set('kind', value as Schemas['PermissionKind'])}
			data-testid="field-kind"
		>
			<Stack gap="xs" mt="xs">
				{kindWords.map(({ kind, label, about }) => (
					<Radio key={kind} value={kind} label={label} description={about} data-testid={`kind-${kind}`} />
				))}
			</Stack>
		</Radio.Group>
	);
}
