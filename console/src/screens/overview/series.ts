// Rows of statistics as what a chart draws: a number for each step and each key, steps without a count being zero.
import type { Schemas } from '../../api/client';

type Row = Schemas['Statistics']['rows'][number];
export type Step = Schemas['Statistics']['step'];

export interface Range {
	readonly key: string;
	readonly label: string;
	readonly step: Step;
	readonly stepSeconds: number;
	readonly steps: number;
}

export const ranges: readonly [Range, ...Range[]] = [
	{ key: '24h', label: '24 hours', step: 'hour', stepSeconds: 3600, steps: 24 },
	{ key: '1h', label: '1 hour', step: 'minute', stepSeconds: 60, steps: 60 },
	{ key: '7d', label: '7 days', step: 'hour', stepSeconds: 3600, steps: 168 },
	{ key: '90d', label: '90 days', step: 'day', stepSeconds: 86_400, steps: 90 },
];

/** As they are offered: the shortest first. */
export const rangesByLength: readonly Range[] = [...ranges].sort((one, other) => one.stepSeconds * one.steps - other.stepSeconds * other.steps);

export interface Span {
	readonly from: Date;
	readonly to: Date;
}

/** Whole steps (UTC), the last being the one that now is in. */
export function spanOf(range: Range, now: Date): Span {
	const end = (Math.floor(now.getTime() / 1000 / range.stepSeconds) + 1) * range.stepSeconds;
	return { from: new Date((end - range.steps * range.stepSeconds) * 1000), to: new Date(end * 1000) };
}

interface Series {
	readonly key: string;
	readonly counts: readonly number[];
	readonly total: number;
}

export interface Counted {
	readonly times: readonly Date[];
	/** The most first. */
	readonly series: readonly Series[];
	readonly total: number;
}

function totalOf(counts: readonly number[]): number {
	return counts.reduce((sum, count) => sum + count, 0);
}

export function countedOf(rows: readonly Row[], range: Range, span: Span): Counted {
	const first = span.from.getTime();
	const size = range.stepSeconds * 1000;
	const times = Array.from({ length: range.steps }, (_, index) => new Date(first + index * size));
	const byKey = new Map<string, number[]>();
	for (const row of rows) {
		const index = Math.floor((new Date(row.at).getTime() - first) / size);
		if (index < 0 || index >= range.steps) continue;
		let counts = byKey.get(row.key);
		if (counts === undefined) byKey.set(row.key, (counts = times.map(() => 0)));
		counts[index] = (counts[index] ?? 0) + row.count;
	}
	const series = [...byKey].map(([key, counts]) => ({ key, counts, total: totalOf(counts) }));
	series.sort((one, other) => other.total - one.total || one.key.localeCompare(other.key));
	return { times, series, total: totalOf(series.map(({ total }) => total)) };
}

/** Key of what is drawn together for being too many; no flow, reason or client id is called so. */
export const OTHERS = '…';

/** The first `most` series, and all others as one. */
export function folded(counted: Counted, most: number): Counted {
	if (counted.series.length <= most) return counted;
	const rest = counted.series.slice(most - 1);
	const counts = counted.times.map((_, index) => totalOf(rest.map((series) => series.counts[index] ?? 0)));
	return { ...counted, series: [...counted.series.slice(0, most - 1), { key: OTHERS, counts, total: totalOf(counts) }] };
}

/** Where the axis ends, and how far its lines are apart: 1, 2 or 5 times a power of ten, four or five lines. */
export function axisOf(highest: number): { top: number; line: number } {
	const rough = Math.max(highest, 1) / 4;
	const power = 10 ** Math.floor(Math.log10(rough));
	const line = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? 10 * power);
	return { top: Math.ceil(Math.max(highest, 1) / line) * line, line };
}
