// A table whose rows become cards where there is no room for columns: drawn so it is none any more, so its roles are said.
import type { ReactNode } from 'react';

export interface Column<T> {
	/** Over the column, and beside the value in a card; '' for buttons and the like. */
	readonly label: string;
	/** Of a column without a label, for those who cannot see it. */
	readonly unseen?: string;
	readonly cell: (row: T) => ReactNode;
	readonly align?: 'end';
	readonly mono?: boolean;
	/** What the row is about. */
	readonly heads?: boolean;
}

interface TableProps<T> {
	/** What it is a table of, for those who cannot see it. */
	label: string;
	columns: readonly Column<T>[];
	rows: readonly T[];
	rowKey: (row: T) => string;
	/** A row's data-testid, where it is not row-KEY. */
	rowTest?: (row: T) => string;
	/** What is shown is about to be exchanged. */
	stale?: boolean;
	testId?: string;
}

function classOf({ align, mono }: Column<never>): string | undefined {
	const names = [align, mono === true ? 'mono' : undefined].filter((name) => name !== undefined);
	return names.length === 0 ? undefined : names.join(' ');
}

export function Table<T>({ label, columns, rows, rowKey, rowTest = (row) => `row-${rowKey(row)}`, stale = false, testId }: TableProps<T>) {
	return (
		<table className="data" role="table" aria-label={label} data-testid={testId} data-stale={stale ? '' : undefined}>
			<thead role="rowgroup">
				<tr role="row">
					{columns.map((column, index) => (
						<th key={index} role="columnheader" scope="col" className={column.align}>
							{column.label === '' ? <span className="mantine-visually-hidden">{column.unseen ?? 'Actions'}</span> : column.label}
						</th>
					))}
				</tr>
			</thead>
			<tbody role="rowgroup">
				{rows.map((row) => (
					<tr key={rowKey(row)} role="row" data-testid={rowTest(row)}>
						{columns.map((column, index) => (
							<td key={index} role={column.heads === true ? 'rowheader' : 'cell'} data-label={column.label} className={classOf(column)}>
								<div style={{ minWidth: 0 }}>{column.cell(row)}</div>
							</td>
						))}
					</tr>
				))}
			</tbody>
		</table>
	);
}
