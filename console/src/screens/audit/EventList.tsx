import { Anchor, Button, Checkbox, Group, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Link, useLocation, useSearchParams } from 'react-router';

import { useMe, usePartition, useRead } from '../../api/hooks';
import { pathTo } from '../../layout/sections';
import { timeExact } from '../../parts/Ago';
import { DataTable, type Column } from '../../parts/DataTable';
import { localOf, momentIn, rfc3339 } from '../../parts/moment';
import { Page } from '../../parts/Page';
import { usePaging, type Paging } from '../../parts/paging';
import { Stamp } from '../../parts/Stamp';
import { Export } from './Export';
import { Who, Whom } from './People';
import { actionGroups, actionSaid, resultSaid, resultTyped, toldBy, type AuditEvent, type Carried } from './words';

const filterNames = ['action', 'result', 'actor', 'object', 'request_id', 'from', 'to'] as const;

export function EventList() {
	const partition = usePartition();
	const me = useMe();
	const paging = usePaging(filterNames);
	const [parameters] = useSearchParams();
	const all = me.system && partition === me.partition && parameters.get('all') === '1';
	const filters = Object.fromEntries(filterNames.map((name) => [name, paging.filter(name)]));
	const query = { ...filters, cursor: paging.cursor };
	const own = useRead('/partitions/{partition}/audit-events', { partition }, query, { keep: true, enabled: !all });
	const every = useRead('/audit-events', {}, query, { keep: true, enabled: all });
	return (
		<Page title="Audit" about="Who did what, from where and with which result; the newest first." actions={<Export all={all} filters={filters} />}>
			<DataTable
				label="Audit events"
				testId="audit"
				of={all ? every : own}
				paging={paging}
				rowKey={(event) => event.id}
				columns={all ? [partitionColumn, ...columnsFor(partition, true)] : columnsFor(partition, false)}
				filters={<Filters paging={paging} all={all} mayAll={me.system && partition === me.partition} />}
				empty={{ title: 'No events yet', text: 'Sign-ins, refused requests and changes will stand here.' }}
			/>
		</Page>
	);
}

const partitionColumn: Column<AuditEvent> = { label: 'Partition', cell: (event) => event.partition ?? '—' };

/** An event of none has no address of its own: it goes along to the page that shows it. */
function columnsFor(partition: string, all: boolean): Column<AuditEvent>[] {
	const at = (event: AuditEvent) => event.partition ?? partition;
	return [
		{
			label: 'When',
			cell: (event) => (
				<time dateTime={event.at}>{timeExact(event.at)}</time>
			),
		},
		{
			label: 'What',
			cell: (event) => <ToEvent event={event} at={at(event)} all={all} />,
		},
		{ label: 'Result', cell: (event) => <Stamp tone={event.result === 'ok' ? 'good' : 'bad'}>{resultSaid(event.result)}</Stamp> },
		{ label: 'Who', cell: (event) => <Who event={event} told={toldBy(event.detail)} plain={all} /> },
		{ label: 'On whom or what', cell: (event) => <Whom event={event} told={toldBy(event.detail)} partition={at(event)} /> },
		{ label: 'From', cell: (event) => <span className="mono whole">{event.address ?? '—'}</span> },
	];
}

/** From the events of all partitions there is a way back to where one was among them. */
function ToEvent({ event, at, all }: { event: AuditEvent; at: string; all: boolean }) {
	const { pathname, search } = useLocation();
	const state: Carried = { ...(event.partition === null ? { event } : {}), ...(all ? { back: pathname + search } : {}) };
	return (
		<Anchor component={Link} to={pathTo(at, 'security', 'audit', event.id)} state={state} size="sm" fw={600} className="whole">
			{actionSaid(event.action)}
		</Anchor>
	);
}

function Filters({ paging, all, mayAll }: { paging: Paging; all: boolean; mayAll: boolean }) {
	const action = paging.filter('action') ?? '';
	const known = action === '' || actionGroups.some(({ actions }) => actions.some(([value]) => value === action));
	return (
		<Group gap="sm" align="flex-end" component="search" style={{ flex: '1 1 100%' }}>
			<NativeSelect
				label="What"
				value={action}
				onChange={(event) => paging.narrow('action', event.currentTarget.value)}
				style={{ flex: '1 1 12rem', maxWidth: '18rem' }}
				data-testid="filter-action"
				data={[
					{ value: '', label: 'Everything' },
					...(known ? [] : [{ value: action, label: actionSaid(action) }]),
					...actionGroups.map(({ group, actions }) => ({ group, items: actions.map(([value, label]) => ({ value, label })) })),
				]}
			/>
			<Typed paging={paging} name="result" label="Result" placeholder="Done, or a reason" meant={resultTyped} />
			<Typed paging={paging} name="actor" label="Who" placeholder="ID" />
			<Typed paging={paging} name="object" label="On whom or what" placeholder="ID" />
			<Typed paging={paging} name="request_id" label="Request" placeholder="X-Request-Id" />
			<When paging={paging} name="from" label="From" />
			<When paging={paging} name="to" label="Before" />
			{mayAll && <All all={all} />}
			{paging.narrowed && <Clear />}
		</Group>
	);
}

/** Events of all partitions, and of none. */
function All({ all }: { all: boolean }) {
	const [, setParameters] = useSearchParams();

	/** The filters stay; a cursor is of the other list. */
	function choose(wanted: boolean) {
		setParameters((before) => {
			const after = new URLSearchParams(before);
			after.delete('cursor');
			if (wanted) after.set('all', '1');
			else after.delete('all');
			return after;
		});
	}

	return <Checkbox label="All partitions" checked={all} onChange={(event) => choose(event.currentTarget.checked)} mb={8} data-testid="filter-all" />;
}

function Clear(): ReactNode {
	const [parameters, setParameters] = useSearchParams();
	return (
		<Button variant="subtle" onClick={() => setParameters(parameters.get('all') === '1' ? { all: '1' } : {})} data-testid="filter-clear">
			Take filters away
		</Button>
	);
}

/** Waits until the typing pauses. meant: what goes into the address. */
function Typed({ paging, name, label, placeholder, meant = trimmed }: { paging: Paging; name: string; label: string; placeholder: string; meant?: (typed: string) => string }) {
	const filtered = paging.filter(name) ?? '';
	const [typed, setTyped] = useState(filtered);
	const [last, setLast] = useState(filtered);
	if (last !== filtered) {
		setLast(filtered);
		if (meant(typed) !== filtered) setTyped(filtered);
	}
	const narrow = useRef(paging.narrow);
	useEffect(() => {
		narrow.current = paging.narrow;
	});
	useEffect(() => {
		const wanted = meant(typed);
		if (wanted === filtered) return undefined;
		const timer = setTimeout(() => narrow.current(name, wanted), 400);
		return () => clearTimeout(timer);
	}, [typed, filtered, name, meant]);
	return (
		<TextInput
			label={label}
			placeholder={placeholder}
			value={typed}
			onChange={(event) => setTyped(event.currentTarget.value)}
			spellCheck={false}
			autoCapitalize="off"
			autoComplete="off"
			style={{ flex: '1 1 9rem', maxWidth: '16rem' }}
			data-testid={`filter-${name}`}
		/>
	);
}

function trimmed(text: string): string {
	return text.trim();
}

/** A moment of this place's clock; in the address as the Admin API takes it. */
function When({ paging, name, label }: { paging: Paging; name: string; label: string }) {
	const at = paging.filter(name);
	return (
		<TextInput
			type="datetime-local"
			step={1}
			label={label}
			value={at === undefined ? '' : localOf(at)}
			onChange={(event) => {
				const moment = momentIn(event.currentTarget.value);
				paging.narrow(name, moment === null ? '' : rfc3339(moment));
			}}
			data-testid={`filter-${name}`}
		/>
	);
}
