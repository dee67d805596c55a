// A list of objects: a search, filters, one page at a time, and what stands there while or when there is nothing.
import { Button, Group, Paper, Stack, Text, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Link } from 'react-router';

import type { Held, Page } from '../api/client';
import { Icon } from './icons';
import type { Paging } from './paging';
import { Empty, Failed, Loading, type Reading } from './states';
import { Table, type Column } from './Table';

export type { Column };

export interface DataTableProps<T> {
	/** What the table is a list of, for those who cannot see it. */
	label: string;
	columns: readonly Column<T>[];
	rowKey: (row: T) => string;
	/** As useRead gives it (options.keep: true). */
	of: Reading<Held<Page<T>>> & { isPlaceholderData?: boolean };
	paging: Paging;
	/** Says what can be searched; absent: no search. */
	searchLabel?: string;
	/** More to narrow by: Select and the like. */
	filters?: ReactNode;
	/** Where there is nothing at all: what it would be, and how to begin. */
	empty: { title: string; text?: ReactNode; action?: ReactNode };
	testId: string;
}

export function DataTable<T>({ label, columns, rowKey, of, paging, searchLabel, filters, empty, testId }: DataTableProps<T>) {
	return (
		<Stack gap="sm">
			{(searchLabel !== undefined || filters !== undefined) && (
				<Group gap="sm" align="flex-end">
					{searchLabel !== undefined && <Search label={searchLabel} paging={paging} testId={testId} />}
					{filters}
				</Group>
			)}
			<Paper withBorder style={{ overflowX: 'auto', overflowY: 'hidden' }}>
				<Rows {...{ label, columns, rowKey, of, paging, empty, testId }} />
			</Paper>
			{of.data !== undefined && <Pages paging={paging} next={of.data.value.next} />}
		</Stack>
	);
}

function Rows<T>({ label, columns, rowKey, of, paging, empty, testId }: Omit<DataTableProps<T>, 'searchLabel' | 'filters'>) {
	if (of.error !== null && of.data === undefined)
		return <Failed error={of.error} retry={() => void of.refetch()} />;
	if (of.data === undefined) return <Loading />;
	const { items, next } = of.data.value;
	if (items.length === 0 && next !== null)
		return <Empty title="Nothing on this page">There was much to look through. Go on with the next page.</Empty>;
	if (items.length === 0)
		return paging.narrowed || paging.cursor !== undefined ? (
			<Empty title="Nothing fits">Search for the beginning of a name, or take a filter away.</Empty>
		) : (
			<Empty title={empty.title} action={empty.action}>
				{empty.text}
			</Empty>
		);
	return <Table label={label} columns={columns} rows={items} rowKey={rowKey} stale={of.isPlaceholderData === true} testId={testId} />;
}

/** Waits until the typing pauses. */
function Search({ label, paging, testId }: { label: string; paging: Paging; testId: string }) {
	const [typed, setTyped] = useState(paging.search ?? '');
	const sought = paging.search ?? '';
	const [last, setLast] = useState(sought);
	if (last !== sought) {
		setLast(sought);
		if (typed.trim() !== sought) setTyped(sought);
	}
	const narrow = useRef(paging.narrow);
	useEffect(() => {
		narrow.current = paging.narrow;
	});
	useEffect(() => {
		if (typed.trim() === sought) return undefined;
		const timer = setTimeout(() => narrow.current('search', typed.trim()), 250);
		return () => clearTimeout(timer);
	}, [typed, sought]);
	return (
		<TextInput
			type="search"
			aria-label={label}
			placeholder={label}
			leftSection={<Icon name="search" size={16} />}
			value={typed}
			onChange={(event) => setTyped(event.currentTarget.value)}
			style={{ flex: '1 1 17rem', maxWidth: '28rem' }}
			data-testid={`${testId}-search`}
		/>
	);
}

function Pages({ paging, next }: { paging: Paging; next: string | null }) {
	if (next === null && paging.cursor === undefined) return null;
	return (
		<Group justify="space-between" component="nav" aria-label="Pages">
			<Text size="sm" c="dimmed">
				Page {paging.previous === null && paging.cursor !== undefined ? '…' : paging.page}
			</Text>
			<Group gap="xs">
				<Button size="xs" variant="default" leftSection={<Icon name="first" size={14} />} disabled={paging.first === null} onClick={() => paging.first?.()} data-testid="page-first">
					First
				</Button>
				<Button size="xs" variant="default" leftSection={<Icon name="back" size={14} />} disabled={paging.previous === null} onClick={() => paging.previous?.()} data-testid="page-previous">
					Previous
				</Button>
				<Button size="xs" variant="default" rightSection={<Icon name="forward" size={14} />} disabled={next === null} onClick={() => next !== null && paging.next(next)} data-testid="page-next">
					Next
				</Button>
			</Group>
		</Group>
	);
}

/** The cell that leads to the object. */
export function RowLink({ to, children }: { to: string; children: ReactNode }) {
	return (
		<Link to={to} style={{ color: 'var(--mantine-color-anchor)', fontWeight: 600 }}>
			{children}
		</Link>
	);
}
