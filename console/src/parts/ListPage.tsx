// The screen of a list: what it is a list of, the (+) button for those who may, and the table.
import type { ReactNode } from 'react';

import { useMayManage } from '../api/hooks';
import { DataTable, type DataTableProps } from './DataTable';
import { Page } from './Page';
import { Plus } from './Plus';

interface ListPageProps<T> extends Omit<DataTableProps<T>, 'label' | 'empty'> {
	title: string;
	about: string;
	/** Of the table, where the title says it in other words. */
	label?: string;
	/** Where a new one is made, and what the button says. */
	plus: { to: string; label: string };
	/** Where there is nothing yet: what it would be. */
	empty: { title: string; text?: string };
	/** Below the table. */
	children?: ReactNode;
}

export function ListPage<T>({ title, about, label = title, plus, empty, children, ...table }: ListPageProps<T>) {
	const button = useMayManage() ? <Plus {...plus} /> : null;
	return (
		<Page title={title} about={about} actions={button}>
			<DataTable label={label} {...table} empty={{ ...empty, action: button }} />
			{children}
		</Page>
	);
}
