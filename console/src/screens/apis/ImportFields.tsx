import { Button, FileButton, Group, NativeSelect, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState, type DragEvent } from 'react';

import type { Schemas } from '../../api/client';
import type { Problem } from '../../api/problem';
import { Block } from '../../parts/Block';
import { actors, actorSaid, counted } from '../../parts/words';
import type { Placeholder } from './document';
import type { Wish } from './Import';

interface FieldsProps {
	wish: Wish;
	change: (part: Partial<Wish>) => void;
	problem: Problem | null;
}

const BYTES_MAX = 16 * 1024 * 1024;
/** Beyond this a document is not shown as text to edit. */
const SHOWN_MAX = 64 * 1024;

export function DocumentBlock({ wish, change, isNew, problem }: FieldsProps & { isNew: boolean }) {
	const [refused, setRefused] = useState<string | null>(null);

	async function take(file: File | null | undefined) {
		if (file === null || file === undefined) return;
		if (file.size > BYTES_MAX) { setRefused(`${file.name} is larger than 16 MiB: split it into several APIs.`); return; }
		setRefused(null);
		const openapi = await file.text();
		const name = wish.name === '' ? (file.name.split('.')[0] ?? '') : wish.name;
		change({ openapi, file: file.name, name });
	}

	const dropped = (event: DragEvent) => {
		event.preventDefault();
		void take(event.dataTransfer.files.item(0));
	};
	const error = refused ?? problem?.fields['/openapi'];
	const folded = wish.openapi.length > SHOWN_MAX;
	return (
		<Block
			title="OpenAPI document"
			about="OpenAPI 3, YAML or JSON, at most 16 MiB. It stays as it is: what is asked below is put in when it is read."
			actions={
				<FileButton onChange={(file) => void take(file)} accept=".yaml,.yml,.json,application/json,application/yaml" inputProps={{ 'aria-label': 'OpenAPI document' }}>
					{(button) => (
						<Button variant="default" {...button} data-testid="choose-file">
							Choose a file
						</Button>
					)}
				</FileButton>
			}
		>
			<Stack onDragOver={(event) => event.preventDefault()} onDrop={dropped}>
				{isNew && (
					<TextInput
						label="Name"
						description="What the API is called here. It cannot be changed later."
						placeholder="portalmgr"
						required
						maw={420}
						autoComplete="off"
						value={wish.name}
						error={problem?.fields['/name']}
						onChange={(event) => change({ name: event.currentTarget.value })}
						data-testid="field-name"
					/>
				)}
				{folded ? (
					<div data-testid="document-chosen">
						<Group gap="sm">
							<Text size="sm" fw={500}>
								{wish.file ?? 'Pasted document'}
							</Text>
							<Text size="sm" c="dimmed">
								{(wish.openapi.length / 1024).toFixed(0)} KiB, {counted(wish.openapi.split('\n').length, 'line')}
							</Text>
							<Button variant="subtle" size="compact-sm" onClick={() => change({ openapi: '', file: null })}>
								Take another
							</Button>
						</Group>
						{error !== undefined && (
							<Text size="sm" c="var(--mantine-color-error)" role="alert">
								{error}
							</Text>
						)}
					</div>
				) : (
					<Textarea
						label="Or paste it"
						description={wish.file === null ? 'A file can also be dropped here.' : `From ${wish.file}`}
						placeholder={'openapi: 3.0.0\ninfo: …'}
						rows={10}
						value={wish.openapi}
						error={error}
						spellCheck={false}
						autoComplete="off"
						classNames={{ input: 'mono' }}
						onChange={(event) => change({ openapi: event.currentTarget.value, file: null })}
						data-testid="field-openapi"
					/>
				)}
			</Stack>
		</Block>
	);
}

export function ValuesBlock({ placeholders, wish, change, problem }: FieldsProps & { placeholders: readonly Placeholder[] }) {
	return (
		<Block title="Values" about="What stands for each ${NAME} in the document. Where nothing is written, nothing stands for it.">
			<SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
				{placeholders.map(({ name, inServer }) => (
					<TextInput
						key={name}
						label={name}
						description={inServer ? "A part of a server's address." : undefined}
						required={inServer}
						value={wish.values[name] ?? ''}
						error={problem?.fields[`/values/${name}`]}
						spellCheck={false}
						autoComplete="off"
						onChange={(event) => change({ values: { ...wish.values, [name]: event.currentTarget.value } })}
						data-testid={`value-${name}`}
					/>
				))}
			</SimpleGrid>
		</Block>
	);
}

interface ActorsProps extends FieldsProps {
	schemes: readonly string[];
	/** Those that were found; the others were typed. */
	found: readonly string[];
	actorOf: (scheme: string) => Schemas['Actor'] | '';
}

export function ActorsBlock({ schemes, found, actorOf, wish, change, problem }: ActorsProps) {
	const choices = [{ value: '', label: 'Nobody' }, ...actors.map((actor) => ({ value: actor, label: actorSaid[actor] }))];
	const whole = problem?.fields['/actors'];
	return (
		<Block
			title="Who may call"
			about="Whom each security scheme of the document stands for. A first guess is made from its name: look whether it is right. Operations that only ask for a scheme of nobody are closed."
		>
			{found.length === 0 && <Text size="sm">No security schemes were found in the text. If the document has some, name them here as they stand in it.</Text>}
			{whole !== undefined && (
				<Text size="sm" c="var(--mantine-color-error)" role="alert">
					{whole}
				</Text>
			)}
			<SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
				{schemes.map((scheme) => (
					<NativeSelect
						key={scheme}
						label={scheme}
						data={choices}
						value={actorOf(scheme)}
						error={problem?.fields[`/actors/${scheme.replace(/~/g, '~0').replace(/\//g, '~1')}`]}
						onChange={(event) => change({ actors: { ...wish.actors, [scheme]: event.currentTarget.value as Schemas['Actor'] | '' } })}
						data-testid={`actor-${scheme}`}
					/>
				))}
			</SimpleGrid>
			{found.length === 0 && <AnotherScheme add={(scheme) => change({ actors: { ...wish.actors, [scheme]: '' } })} />}
		</Block>
	);
}

function AnotherScheme({ add }: { add: (scheme: string) => void }) {
	const [typed, setTyped] = useState('');
	return (
		<Group align="flex-end" gap="xs">
			<TextInput label="Security scheme" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} autoComplete="off" spellCheck={false} data-testid="scheme-name" />
			<Button
				variant="default"
				disabled={typed.trim() === ''}
				onClick={() => {
					add(typed.trim());
					setTyped('');
				}}
				data-testid="scheme-add"
			>
				Add
			</Button>
		</Group>
	);
}
