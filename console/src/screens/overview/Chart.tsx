// Stacked columns over time, drawn as SVG. What it shows can be read as a table too.
import './chart.css';

import { Button, Paper, Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useState, type PointerEvent } from 'react';

import { Table } from '../../parts/Table';
import { axisOf, type Counted, type Step } from './series';

const HEIGHT = 200;
const LEFT = 44;
const BELOW = 22;
const ABOVE = 8;
const LABEL = 60;
export const SERIES_MAX = 7;

const numbers = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

const clock: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };
// Days are those of UTC on the server: their names must not move to the evening before.
const formats: Readonly<Record<Step, { axis: Intl.DateTimeFormatOptions; full: Intl.DateTimeFormatOptions }>> = {
	minute: { axis: clock, full: { dateStyle: 'medium', timeStyle: 'short' } },
	hour: { axis: clock, full: { dateStyle: 'medium', timeStyle: 'short' } },
	day: { axis: { day: 'numeric', month: 'short', timeZone: 'UTC' }, full: { dateStyle: 'medium', timeZone: 'UTC' } },
};
const days: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' };

/** Made once each, and not before it is needed: making one takes milliseconds. */
const made = new Map<Intl.DateTimeFormatOptions, Intl.DateTimeFormat>();
function timeSaid(options: Intl.DateTimeFormatOptions, time: Date): string {
	const format = made.get(options) ?? new Intl.DateTimeFormat(undefined, options);
	made.set(options, format);
	return format.format(time);
}

interface ChartProps {
	/** "Tokens issued, by flow". */
	label: string;
	counted: Counted;
	step: Step;
	nameOf: (key: string) => string;
	testId: string;
}

function colour(index: number): string {
	return `var(--chart-${(index % SERIES_MAX) + 1})`;
}

export function Chart({ label, counted, step, nameOf, testId }: ChartProps) {
	const [table, setTable] = useState(false);
	return (
		<div data-testid={testId}>
			<Drawing {...{ label, counted, step, nameOf }} />
			<ul className="legend" aria-hidden>
				{counted.series.map((series, index) => (
					<li key={series.key}>
						<span className="swatch" style={{ background: colour(index) }} />
						<span>{nameOf(series.key)}</span>
						<strong>{numbers.format(series.total)}</strong>
					</li>
				))}
			</ul>
			<Button size="compact-xs" variant="subtle" mt="xs" ml="-.4375rem" onClick={() => setTable(!table)} aria-expanded={table} aria-label={`${table ? 'Hide the table' : 'Show as a table'}: ${label}`} data-testid={`${testId}-show-table`}>
				{table ? 'Hide the table' : 'Show as a table'}
			</Button>
			<div {...(table ? { className: 'numbers', tabIndex: 0, role: 'region', 'aria-label': `Numbers: ${label}` } : { className: 'mantine-visually-hidden' })}>
				<Numbers {...{ label, counted, step, nameOf }} />
			</div>
		</div>
	);
}

function Drawing({ label, counted, step, nameOf }: Omit<ChartProps, 'testId'>) {
	const { ref, width } = useElementSize();
	const [here, setHere] = useState<number | null>(null);
	const { times, series, total } = counted;
	const heights = times.map((_, index) => series.reduce((sum, one) => sum + (one.counts[index] ?? 0), 0));
	const { top, line } = axisOf(Math.max(0, ...heights));
	const inner = Math.max(0, width - LEFT);
	const each = times.length === 0 ? 0 : inner / times.length;
	const y = (value: number) => ABOVE + (HEIGHT - ABOVE - BELOW) * (1 - value / top);

	function point(event: PointerEvent<SVGSVGElement>) {
		const index = Math.floor((event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT) / each);
		setHere(index >= 0 && index < times.length ? index : null);
	}

	return (
		<div className="chart" ref={ref}>
			<svg role="img" aria-label={`${label}: ${numbers.format(total)} in all. The numbers are in the table below.`} height={HEIGHT} onPointerMove={point} onPointerDown={point} onPointerLeave={() => setHere(null)}>
				{Array.from({ length: Math.round(top / line) + 1 }, (_, index) => index * line).map((value) => (
					<g key={value}>
						<line className="grid" x1={LEFT} x2={width} y1={y(value)} y2={y(value)} />
						<text x={LEFT - 6} y={y(value)} dy="0.32em" textAnchor="end">
							{short.format(value)}
						</text>
					</g>
				))}
				{here !== null && <rect className="here" x={LEFT + here * each} width={each} y={ABOVE} height={HEIGHT - ABOVE - BELOW} />}
				{times.map((time, index) => (
					<Column key={time.getTime()} counts={series.map((one) => one.counts[index] ?? 0)} x={LEFT + index * each} width={each} y={y} />
				))}
				<TimeAxis {...{ times, step, each }} />
			</svg>
			{here !== null && heights[here] !== undefined && <Tip {...{ counted, step, nameOf, here }} right={here > times.length / 2} at={LEFT + (here + 0.5) * each} width={width} />}
		</div>
	);
}

function Column({ counts, x, width, y }: { counts: readonly number[]; x: number; width: number; y: (value: number) => number }) {
	const gap = width > 6 ? 1 : 0;
	return (
		<>
			{counts.map((count, index) => {
				if (count === 0) return null;
				const below = counts.slice(0, index).reduce((sum, other) => sum + other, 0);
				const bottom = y(below);
				const high = bottom - y(below + count);
				return <rect key={index} x={x + gap} width={Math.max(1, width - 2 * gap)} y={bottom - high} height={Math.max(1, high - (below > 0 || high > 3 ? 1 : 0))} fill={colour(index)} />;
			})}
		</>
	);
}

/** As many times as there is room for, at round ones. */
function TimeAxis({ times, step, each }: { times: readonly Date[]; step: Step; each: number }) {
	if (each === 0) return null;
	const wanted = Math.ceil(LABEL / each);
	const every = (step === 'minute' ? [5, 10, 15, 30, 60] : step === 'hour' ? [1, 3, 6, 12, 24, 48, 72, 168] : [1, 7, 14, 30, 90]).find((count) => count >= wanted) ?? wanted;
	const daily = step === 'hour' && every >= 24;
	return (
		<>
			{times.map((time, index) => {
				const unit = step === 'minute' ? time.getMinutes() : step === 'hour' ? time.getHours() : index;
				const due = daily ? unit === 0 && Math.round(index / 24) % (every / 24) === 0 : unit % every === 0;
				if (!due || (index + 0.5) * each < LABEL / 3 || (times.length - index - 0.5) * each < LABEL / 3) return null;
				return (
					<text key={time.getTime()} x={LEFT + (index + 0.5) * each} y={HEIGHT - 6} textAnchor="middle">
						{timeSaid(daily ? days : formats[step].axis, time)}
					</text>
				);
			})}
		</>
	);
}

function Tip({ counted, step, nameOf, here, right, at, width }: Omit<ChartProps, 'label' | 'testId'> & { here: number; right: boolean; at: number; width: number }) {
	const time = counted.times[here];
	if (time === undefined) return null;
	return (
		<Paper className="tip" withBorder shadow="sm" p="xs" style={right ? { right: width - at + 12 } : { left: at + 12 }} aria-hidden>
			<Text size="xs" fw={600}>
				{timeSaid(formats[step].full, time)}
			</Text>
			<ul>
				{counted.series.map((series, index) =>
					(series.counts[here] ?? 0) === 0 ? null : (
						<li key={series.key}>
							<span className="swatch" style={{ background: colour(index) }} />
							<span>{nameOf(series.key)}</span>
							<span>{numbers.format(series.counts[here] ?? 0)}</span>
						</li>
					),
				)}
				{counted.series.every((series) => (series.counts[here] ?? 0) === 0) && <li>None</li>}
			</ul>
		</Paper>
	);
}

/** Steps in which nothing was counted are left out. */
function Numbers({ label, counted, step, nameOf }: Omit<ChartProps, 'testId'>) {
	const { times, series } = counted;
	const rows = times.map((time, index) => ({ time, index })).filter(({ index }) => series.some(({ counts }) => (counts[index] ?? 0) > 0));
	return (
		<Table
			label={label}
			rows={rows}
			rowKey={({ time }) => time.toISOString()}
			columns={[
				{ label: step === 'day' ? 'Day (UTC)' : 'From', cell: ({ time }) => timeSaid(formats[step].full, time) },
				...series.map(({ key, counts }) => ({ label: nameOf(key), align: 'end' as const, cell: ({ index }: { index: number }) => numbers.format(counts[index] ?? 0) })),
			]}
		/>
	);
}
