// Before and after of a change, and what arrived beside what was registered.
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';

import { differingPart, valueSaid, type Change } from './words';

export function Difference({ changes }: { changes: readonly Change[] }) {
	return (
		<table className="data" role="table" aria-label="Before and after" data-testid="difference">
			<thead role="rowgroup">
				<tr role="row">
					{['Field', 'Before', 'After'].map((label) => (
						<th role="columnheader" scope="col" key={label}>
							{label}
						</th>
					))}
				</tr>
			</thead>
			<tbody role="rowgroup">
				{changes.map((change) => (
					<Row key={change.member} {...change} />
				))}
			</tbody>
		</table>
	);
}

function Row({ member, before, after }: Change) {
	const lists = Array.isArray(before) || Array.isArray(after);
	const was = (Array.isArray(before) ? before : []) as unknown[];
	const is = (Array.isArray(after) ? after : []) as unknown[];
	return (
		<tr role="row" data-testid={`row-${member}`}>
			<td role="cell" data-label="Field" className="mono">
				{member}
			</td>
			<td role="cell" data-label="Before">
				{lists ? <Items items={was} other={is} gone /> : <One value={before} gone />}
			</td>
			<td role="cell" data-label="After">
				{lists ? <Items items={is} other={was} /> : <One value={after} />}
			</td>
		</tr>
	);
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
							{words[name] ?? name}
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
