// A moment, said as people say it; the exact one is in its title and for programs.
import { Text, Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';

const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
	['year', 31_557_600],
	['month', 2_629_800],
	['week', 604_800],
	['day', 86_400],
	['hour', 3600],
	['minute', 60],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** "3 hours ago", "in 2 days"; "just now" below a minute. */
export function timeSaid(at: Date, now: Date): string {
	const seconds = (at.getTime() - now.getTime()) / 1000;
	const unit = units.find(([, size]) => Math.abs(seconds) >= size);
	if (unit === undefined) return seconds <= 0 ? 'just now' : 'in less than a minute';
	return relative.format(Math.trunc(seconds / unit[1]), unit[0]);
}

export function timeExact(at: string): string {
	return exact.format(new Date(at));
}

/** "1 hour", "30 days": a duration in seconds, without loss. */
export function durationSaid(seconds: number): string {
	const names: readonly [string, number][] = [
		['day', 86_400],
		['hour', 3600],
		['minute', 60],
		['second', 1],
	];
	const parts: string[] = [];
	let rest = seconds;
	for (const [name, size] of names) {
		const count = Math.floor(rest / size);
		rest -= count * size;
		if (count > 0) parts.push(`${count} ${name}${count === 1 ? '' : 's'}`);
	}
	return parts.join(' ') || '0 seconds';
}

/** at: RFC 3339; null shows what `never` says. */
export function Ago({ at, never = 'never' }: { at: string | null; never?: string }) {
	const [now, setNow] = useState(() => new Date());
	useEffect(() => {
		const timer = setInterval(() => setNow(new Date()), 30_000);
		return () => clearInterval(timer);
	}, []);
	if (at === null)
		return (
			<Text span size="sm" c="dimmed">
				{never}
			</Text>
		);
	return (
		<Tooltip label={timeExact(at)}>
			<time dateTime={at}>{timeSaid(new Date(at), now)}</time>
		</Tooltip>
	);
}
