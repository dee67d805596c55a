// Two administrators changed one object at once: the second sees what the first one did, and chooses.
import { Button, Group, Modal, Stack, Text } from '@mantine/core';

import { changesOf } from './draft';
import { Table } from './Table';

interface ConflictProps<T extends object> {
	/** null: there is no conflict. */
	theirs: T | null;
	base: T;
	mine: Partial<T>;
	words: Readonly<Partial<Record<keyof T & string, string>>>;
	close: () => void;
	seeTheirs: () => void;
	overwrite: () => void;
}

export function Conflict<T extends object>({ theirs, close, ...rest }: ConflictProps<T>) {
	return (
		<Modal opened={theirs !== null} onClose={close} title="Somebody else changed this meanwhile" size="xl">
			{theirs !== null && <Inside theirs={theirs} {...rest} />}
		</Modal>
	);
}

/** A value as one line that people can compare. */
function said(value: unknown): string {
	if (value === null || value === undefined || value === '') return '—';
	if (typeof value === 'boolean') return value ? 'yes' : 'no';
	if (Array.isArray(value)) return value.length === 0 ? '—' : value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(', ');
	return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
}

function Inside<T extends object>({ theirs, base, mine, words, seeTheirs, overwrite }: Omit<ConflictProps<T>, 'close' | 'theirs'> & { theirs: T }) {
	const their = changesOf(base, theirs);
	const keys = (Object.keys(words) as (keyof T & string)[]).filter((key) => key in their || key in mine);
	const both = keys.filter((key) => key in their && key in mine);
	return (
		<Stack data-testid="conflict">
			<Text size="sm">
				{both.length === 0
					? 'You changed different things. Overwrite writes only what you changed; what somebody else saved stays.'
					: `You both changed ${both.map((key) => words[key] ?? key).join(', ')}. Overwrite replaces that with yours; whatever else somebody saved stays.`}
			</Text>
			<Table
				label="What was changed"
				rows={keys}
				rowKey={(key) => key}
				rowTest={(key) => `conflict-${key}`}
				columns={[
					{ label: 'Field', heads: true, cell: (key) => <strong>{words[key] ?? key}</strong> },
					{ label: 'Before', cell: (key) => said(base[key]) },
					{ label: 'Theirs', cell: (key) => (key in their ? <strong>{said(theirs[key])}</strong> : said(theirs[key])) },
					{ label: 'Yours', cell: (key) => (key in mine ? <strong>{said(mine[key])}</strong> : 'unchanged') },
				]}
			/>
			<Group justify="flex-end">
				<Button variant="default" onClick={seeTheirs} data-testid="see-theirs">
					Discard mine, see theirs
				</Button>
				<Button onClick={overwrite} data-testid="overwrite">
					Overwrite
				</Button>
			</Group>
		</Stack>
	);
}
