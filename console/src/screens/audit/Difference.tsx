// Before and after of a change, and what arrived beside what was registered.
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';

import { Table } from '../../parts/Table';
import { capital, differingPart, valueSaid, type Change } from './words';

export function Difference({ changes }: { changes: readonly Change[] }) {
	return (
		<Table
			label="Before and after"
			testId="difference"
			rows={changes}
			rowKey={(change) => change.member}
			columns={[
				{ label: 'Field', mono: true, cell: (change) => change.member },
				{ label: 'Before', cell: ({ before, after }) => <Side value={before} other={after} gone /> },
				{ label: 'After', cell: ({ before, after }) => <Side value={after} other={before} /> },
			]}
		/>
	);
}

function Side({ value, other, gone = false }: { value: unknown; other: unknown; gone?: boolean }) {
	if (!Array.isArray(value) && !Array.isArray(other)) return <One value={value} gone={gone} />;
	return <Items items={listOf(value)} other={listOf(other)} gone={gone} />;
}

function listOf(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? (value as unknown[]) : [];
}

function One({ value, gone = false }: { value: unknown; gone?: boolean }) {
	if (value === undefined || value === null || value === '') return <Text size="sm" c="dimmed">—</Text>;
	return gone ? <del>{valueSaid(value)}</del> : <ins>{valueSaid(value)}</ins>;
}

/** Of a list only what is not in the other is marked. */
function Items({ items, other, gone = false }: { items: readonly unknown[]; other: readonly unknown[]; gone?: boolean }) {
	const others = new Set(other.map((item) => JSON.stringify(item)));
	if (items.length === 0) return <Text size="sm" c="dimmed">—</Text>;
	return (
		<ul className="scopes">
			{items.map((item, index) => (
				<li key={index}>{others.has(JSON.stringify(item)) ? valueSaid(item) : <One value={item} gone={gone} />}</li>
			))}
		</ul>
	);
}

const words: Readonly<Record<string, string>> = {
	redirect_uri: 'Redirect URL',
	redirect_urls: 'Redirect URLs',
	nearest: 'The nearest one',
	scope: 'Scope',
	flow: 'Flow',
	exists: 'Exists',
	kind: 'Kind',
	assigned: 'Assigned',
	carried_by: 'Carried by',
	platform: 'Platform',
	grant_type: 'Grant type',
	grants: 'Grants',
};

interface ValuesProps {
	label: string;
	values: readonly (readonly [string, unknown])[];
	/** What the value that arrived is compared with, */
	beside?: string | undefined;
	/** and what the nearest registered one is. */
	nearestTo?: string | undefined;
}

export function Values({ label, values, beside, nearestTo }: ValuesProps) {
	return (
		<dl style={{ margin: 0 }} aria-label={label}>
			{values.map(([name, value]) => {
				const other = name === 'nearest' ? nearestTo : name === 'redirect_uri' || name === 'scope' ? beside : undefined;
				return (
					<div className="fact" key={name}>
						<Text size="sm" c="dimmed" component="dt">
							{words[name] ?? capital(name.replaceAll('_', ' '))}
						</Text>
						<Text size="sm" component="dd" m={0} data-testid={`value-${name}`}>
							{typeof value === 'string' && other !== undefined ? <Marked text={value} other={other} /> : <Listed value={value} />}
						</Text>
					</div>
				);
			})}
		</dl>
	);
}

function Listed({ value }: { value: unknown }): ReactNode {
	if (!Array.isArray(value) || value.length < 2) return <span className="mono">{valueSaid(value)}</span>;
	return (
		<ul className="scopes">
			{value.map((item, index) => (
				<li key={index} className="mono">
					{valueSaid(item)}
				</li>
			))}
		</ul>
	);
}

/** The part that differs is marked; where one only has more, a place is. */
function Marked({ text, other }: { text: string; other: string }) {
	const { start, end } = differingPart(text, other);
	return (
		<span className="mono">
			{text.slice(0, start)}
			<mark>{text.slice(start, end) === '' ? '\u2038' : text.slice(start, end)}</mark>
			{text.slice(end)}
		</span>
	);
}
