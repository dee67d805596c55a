import { Anchor, Button, Group, Paper, SegmentedControl, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link, useSearchParams } from 'react-router';

import type { Schemas } from '../../api/client';
import { problemOf } from '../../api/problem';
import { usePartition, useRead } from '../../api/hooks';
import { pathTo, withSearch } from '../../layout/sections';
import { ApplicationName } from '../../parts/names';
import { Block } from '../../parts/Block';
import { rfc3339 } from '../../parts/moment';
import { Page } from '../../parts/Page';
import { Empty, Failed, Loading } from '../../parts/states';
import { Table } from '../../parts/Table';
import { useApplicationNames } from './applicationNames';
import { Chart, SERIES_MAX } from './Chart';
import { countedOf, folded, OTHERS, ranges, rangesByLength, spanOf, type Counted, type Range, type Span } from './series';
import { flowSaid, reasonSaid } from './words';

type Measure = Schemas['Statistics']['measure'];
type By = Schemas['Statistics']['by'];
const PATH = '/partitions/{partition}/statistics';
const FRESH_MS = 30_000;
const numbers = new Intl.NumberFormat('en');

interface Asked {
	readonly range: Range;
	readonly span: Span;
}

/** What was counted; where the server says that it is too much (many applications), for whole days instead. */
function useCounted({ range, span }: Asked, measure: Measure, by: By) {
	const partition = usePartition();
	const query = { measure, by, step: range.step, from: rfc3339(span.from), to: rfc3339(span.to) };
	const read = useRead(PATH, { partition }, query, { keep: true });
	const tooMuch = read.error !== null && problemOf(read.error).status === 400;
	const midnight = new Date(Math.floor(span.from.getTime() / 86_400_000) * 86_400_000);
	const daily: Range = { ...range, step: 'day', stepSeconds: 86_400, steps: Math.ceil((span.to.getTime() - midnight.getTime()) / 86_400_000) };
	const coarse = useRead(PATH, { partition }, { ...query, step: 'day', from: rfc3339(midnight) }, { keep: true, enabled: tooMuch });
	const chosen = tooMuch ? coarse : read;
	const used = tooMuch ? daily : range;
	const counted = chosen.data === undefined ? undefined : countedOf(chosen.data.value.rows, used, tooMuch ? { from: midnight, to: span.to } : span);
	return { counted, error: chosen.data === undefined ? chosen.error : null, retry: () => void chosen.refetch(), step: used.step };
}

/** The time, a little late, for as long as the screen is looked at. */
function useNow(): Date {
	const [now, setNow] = useState(() => new Date());
	const client = useQueryClient();
	useEffect(() => {
		const timer = setInterval(() => {
			if (document.hidden) return;
			setNow(new Date());
			void client.invalidateQueries({ queryKey: [PATH] });
		}, FRESH_MS);
		return () => clearInterval(timer);
	}, [client]);
	return now;
}

/** A choice that stands in the address; the first is the one that need not. */
function useChoice(name: string, choices: readonly string[]): [string, (value: string) => void] {
	const [parameters, setParameters] = useSearchParams();
	const first = choices[0] ?? '';
	const value = parameters.get(name) ?? first;
	return [
		choices.includes(value) ? value : first,
		(next) =>
			setParameters(
				(before) => {
					const after = new URLSearchParams(before);
					if (next === first) after.delete(name);
					else after.set(name, next);
					return after;
				},
				{ replace: true, preventScrollReset: true },
			),
	];
}

export default function Overview() {
	const now = useNow();
	const [key, choose] = useChoice('range', ranges.map((range) => range.key));
	const range = ranges.find((candidate) => candidate.key === key) ?? ranges[0];
	const asked: Asked = { range, span: spanOf(range, now) };
	const picker = <SegmentedControl value={range.key} onChange={choose} data={rangesByLength.map(({ key: value, label }) => ({ value, label }))} aria-label="Range" data-testid="range" />;
	return (
		<Page title="Overview" about="Tokens and sign-ins of this partition. The counts are at most about a minute old." actions={picker}>
			<Stack gap="lg">
				<Figures asked={asked} />
				<Tokens asked={asked} measure="tokens_issued" title="Tokens issued" none="No token was issued in this time." bys={['flow', 'client_application']} />
				<Tokens asked={asked} measure="tokens_refused" title="Tokens refused" none="No request for a token was refused in this time." bys={['reason', 'flow', 'client_application']} />
				<Reasons asked={asked} />
				<SignIns asked={asked} />
				<Busiest asked={asked} />
			</Stack>
		</Page>
	);
}

const figures: readonly { measure: Measure; label: string }[] = [
	{ measure: 'tokens_issued', label: 'Tokens issued' },
	{ measure: 'tokens_refused', label: 'Tokens refused' },
	{ measure: 'sign_ins', label: 'Sign-ins' },
	{ measure: 'sign_ins_failed', label: 'Failed sign-ins' },
];

function Figures({ asked }: { asked: Asked }) {
	return (
		<dl className="figures" style={{ margin: 0 }}>
			{figures.map((figure) => (
				<Figure key={figure.measure} asked={asked} {...figure} />
			))}
		</dl>
	);
}

function Figure({ asked, measure, label }: { asked: Asked; measure: Measure; label: string }) {
	const { counted } = useCounted(asked, measure, 'none');
	return (
		<Paper withBorder p="md">
			<Text size="sm" c="dimmed" component="dt">
				{label}
			</Text>
			<Text fz="1.75rem" fw={650} lh={1.2} component="dd" m={0} data-testid={`figure-${measure}`}>
				{counted === undefined ? '…' : numbers.format(counted.total)}
			</Text>
		</Paper>
	);
}

const bySaid: Readonly<Record<string, string>> = { flow: 'By flow', client_application: 'By application', reason: 'By reason' };

function Tokens({ asked, measure, title, none, bys }: { asked: Asked; measure: Measure; title: string; none: string; bys: readonly By[] }) {
	const [by, choose] = useChoice(measure, bys);
	const { counted, error, retry, step } = useCounted(asked, measure, by as By);
	const few = counted === undefined ? undefined : folded(counted, SERIES_MAX);
	const names = useApplicationNames(by === 'client_application' ? (few?.series.map(({ key }) => key).filter((key) => key !== '' && key !== OTHERS) ?? []) : []);
	const nameOf = (key: string) =>
		by === 'flow' ? flowSaid(key) : by === 'reason' ? reasonSaid(key) : key === OTHERS ? 'Others' : key === '' ? 'None that is registered' : (names.get(key) ?? key);
	const picker = <SegmentedControl size="xs" value={by} onChange={choose} data={bys.map((value) => ({ value, label: bySaid[value] ?? value }))} aria-label={`${title}: told apart by`} data-testid={`${measure}-by`} />;
	return (
		<Block title={title} actions={picker}>
			<Drawn counted={few} error={error} retry={retry} none={none}>
				{(value) => <Chart label={`${title}, ${(bySaid[by] ?? '').toLowerCase()}, ${asked.range.label}`} counted={value} step={step} nameOf={nameOf} testId={`chart-${measure}`} />}
			</Drawn>
		</Block>
	);
}

function Drawn({ counted, error, retry, none, children }: { counted: Counted | undefined; error: unknown; retry: () => void; none: string; children: (counted: Counted) => React.ReactNode }) {
	if (counted !== undefined) return counted.total === 0 ? <Empty title={none} /> : children(counted);
	if (error !== null) return <Failed error={error} retry={retry} />;
	return <Loading />;
}

/** Each reason leads to the events that it was said in. */
function Reasons({ asked }: { asked: Asked }) {
	const partition = usePartition();
	const { counted } = useCounted(asked, 'tokens_refused', 'reason');
	if (counted === undefined || counted.total === 0) return null;
	const to = (result: string) => withSearch(pathTo(partition, 'security', 'audit'), { result, from: rfc3339(asked.span.from) });
	return (
		<Block title="Why tokens were refused" about="Each reason leads to its audit events, which say what arrived, what was registered, and what to change.">
			<Table
				label="Why tokens were refused"
				testId="reasons"
				rows={counted.series}
				rowKey={({ key }) => key}
				columns={[
					{ label: 'Reason', cell: ({ key }) => <Reason reason={key} to={to(key)} /> },
					{ label: 'Refused', align: 'end', cell: ({ total }) => numbers.format(total) },
					{ label: '', unseen: 'What it means', cell: ({ key }) => <Meaning reason={key} /> },
				]}
			/>
		</Block>
	);
}

function Reason({ reason, to }: { reason: string; to: string }) {
	if (reason === '') return reasonSaid(reason);
	return (
		<Anchor component={Link} to={to} size="sm" fw={600}>
			{reasonSaid(reason)}
		</Anchor>
	);
}

function Meaning({ reason }: { reason: string }) {
	if (reason === '') return null;
	return (
		<Anchor href={`/errors/${encodeURIComponent(reason)}`} target="_blank" rel="noreferrer" size="sm" aria-label={`What this means: ${reasonSaid(reason)}`}>
			What this means
		</Anchor>
	);
}

function SignIns({ asked }: { asked: Asked }) {
	const good = useCounted(asked, 'sign_ins', 'none');
	const failed = useCounted(asked, 'sign_ins_failed', 'none');
	const both = good.counted !== undefined && failed.counted !== undefined ? together({ ok: good.counted, failed: failed.counted }) : undefined;
	const partition = usePartition();
	const events = withSearch(pathTo(partition, 'security', 'audit'), { action: 'sign_in.refused', from: rfc3339(asked.span.from) });
	return (
		<Block
			title="Sign-ins"
			actions={
				<Button component={Link} to={events} size="xs" variant="default" data-testid="failed-sign-ins">
					Failed sign-ins
				</Button>
			}
		>
			<Drawn counted={both} error={good.error ?? failed.error} retry={good.error === null ? failed.retry : good.retry} none="Nobody signed in, or tried to, in this time.">
				{(value) => <Chart label={`Sign-ins, ${asked.range.label}`} counted={value} step={good.step} nameOf={(key) => (key === 'ok' ? 'Signed in' : 'Failed')} testId="chart-sign-ins" />}
			</Drawn>
		</Block>
	);
}

function together(parts: Readonly<Record<string, Counted>>): Counted {
	const entries = Object.entries(parts);
	const times = entries[0]?.[1].times ?? [];
	const series = entries.map(([key, { series: [only], total }]) => ({ key, counts: only?.counts ?? times.map(() => 0), total }));
	return { times, series, total: series.reduce((sum, { total }) => sum + total, 0) };
}

const BUSIEST = 10;

function Busiest({ asked }: { asked: Asked }) {
	const issued = useCounted(asked, 'tokens_issued', 'client_application');
	const refused = useCounted(asked, 'tokens_refused', 'client_application');
	const rows = issued.counted === undefined || refused.counted === undefined ? null : busiestOf(issued.counted, refused.counted);
	const most = Math.max(1, ...(rows ?? []).map((row) => row.issued + row.refused));
	return (
		<Block title="Busiest client applications">
			{rows === null ? (
				issued.error !== null || refused.error !== null ? <Failed error={issued.error ?? refused.error} retry={issued.error === null ? refused.retry : issued.retry} /> : <Loading />
			) : rows.length === 0 ? (
				<Empty title="No client application asked for a token in this time." />
			) : (
				<Table
					label="Busiest client applications"
					testId="busiest"
					rows={rows}
					rowKey={(row) => row.id}
					columns={[
						{ label: 'Client application', cell: (row) => <ApplicationName id={row.id} /> },
						{ label: 'Issued', align: 'end', cell: (row) => numbers.format(row.issued) },
						{ label: 'Refused', align: 'end', cell: (row) => numbers.format(row.refused) },
						{ label: '', unseen: 'Share', cell: (row) => <Share {...row} most={most} /> },
					]}
				/>
			)}
		</Block>
	);
}

function Share({ issued, refused, most }: { issued: number; refused: number; most: number }) {
	return (
		<Group gap={1} wrap="nowrap" aria-hidden miw="8rem">
			<div style={{ height: '.8rem', width: `${(100 * issued) / most}%`, background: 'var(--chart-1)' }} />
			<div style={{ height: '.8rem', width: `${(100 * refused) / most}%`, background: 'var(--chart-2)' }} />
		</Group>
	);
}

function busiestOf(issued: Counted, refused: Counted) {
	const rows = new Map<string, { id: string; issued: number; refused: number }>();
	const row = (id: string) => {
		const known = rows.get(id) ?? { id, issued: 0, refused: 0 };
		rows.set(id, known);
		return known;
	};
	for (const { key, total } of issued.series) row(key).issued = total;
	for (const { key, total } of refused.series) row(key).refused = total;
	rows.delete('');
	return [...rows.values()].sort((one, other) => other.issued + other.refused - one.issued - one.refused).slice(0, BUSIEST);
}
