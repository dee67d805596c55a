import { describe, expect, test } from 'vitest';

import { rfc3339 } from '../../parts/moment';
import { axisOf, countedOf, folded, OTHERS, ranges, spanOf, type Range } from './series';

const hours: Range = { key: 'x', label: 'x', step: 'hour', stepSeconds: 3600, steps: 3 };
const now = new Date('2026-11-22T21:05:59Z');
const span = spanOf(hours, now);

describe('a range', () => {
	test('ends with the step that now is in, and begins with a whole one', () => {
		expect(rfc3339(span.from)).toBe('2026-11-22T19:00:00Z');
		expect(rfc3339(span.to)).toBe('2026-11-22T22:00:00Z');
	});
	test('of days begins and ends at midnight UTC', () => {
		const days = ranges.find(({ step }) => step === 'day');
		expect(days).toBeDefined();
		if (days !== undefined) expect(rfc3339(spanOf(days, now).to)).toBe('2026-11-23T00:00:00Z');
	});
});

describe('rows', () => {
	const counted = countedOf(
		[
			{ at: '2026-11-22T19:00:00Z', key: 'a', count: 2 },
			{ at: '2026-11-22T21:00:00Z', key: 'a', count: 1 },
			{ at: '2026-11-22T20:00:00Z', key: 'b', count: 9 },
			{ at: '2026-11-22T18:00:00Z', key: 'b', count: 100 },
			{ at: '2026-11-22T22:00:00Z', key: 'b', count: 100 },
		],
		hours,
		span,
	);
	test('stand at their step, with zero where nothing was counted, the most first', () => {
		expect(counted.series).toEqual([
			{ key: 'b', counts: [0, 9, 0], total: 9 },
			{ key: 'a', counts: [2, 0, 1], total: 3 },
		]);
	});
	test('outside the range do not count', () => expect(counted.total).toBe(12));
});

test('what is beyond the most is one series that loses nothing', () => {
	const rows = ['a', 'b', 'c', 'd'].map((key, index) => ({ at: '2026-11-22T19:00:00Z', key, count: 10 - index }));
	const few = folded(countedOf(rows, hours, span), 3);
	expect(few.series.map(({ key, total }) => [key, total])).toEqual([
		['a', 10],
		['b', 9],
		[OTHERS, 15],
	]);
	expect(few.total).toBe(34);
});

test('the axis has round lines, and never parts of one', () => {
	expect(axisOf(0)).toEqual({ top: 1, line: 1 });
	expect(axisOf(3)).toEqual({ top: 3, line: 1 });
	expect(axisOf(17)).toEqual({ top: 20, line: 5 });
	expect(axisOf(100)).toEqual({ top: 100, line: 50 });
	expect(axisOf(1234)).toEqual({ top: 1500, line: 500 });
});
