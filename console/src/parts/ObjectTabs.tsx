// The tabs of an object. Which one is open is the last part of the address, so that it can be linked and gone back from.
import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { Navigate, useNavigate } from 'react-router';

import { useNamed } from '../api/hooks';

interface ObjectTab {
	readonly key: string;
	readonly label: string;
	readonly panel: () => ReactNode;
}

/** address: of the object (pathTo); what stands behind it is the tab, the first one where nothing does. */
export function ObjectTabs({ address, tabs, label }: { address: string; tabs: readonly ObjectTab[]; label: string }) {
	const navigate = useNavigate();
	const current = useNamed('tab');
	const first = tabs[0];
	const open = current === '' ? first : tabs.find(({ key }) => key === current);
	if (open === undefined || first === undefined) return <Navigate to={address} replace />;
	return (
		<Tabs
			value={open.key}
			keepMounted={false}
			activateTabWithKeyboard={false}
			onChange={(key) => {
				if (key !== null && key !== open.key) void navigate(key === first.key ? address : `${address}/${encodeURIComponent(key)}`);
			}}
		>
			<Tabs.List aria-label={label} mb="md">
				{tabs.map((tab) => (
					<Tabs.Tab value={tab.key} key={tab.key} data-testid={`tab-${tab.key}`}>
						{tab.label}
					</Tabs.Tab>
				))}
			</Tabs.List>
			<Tabs.Panel value={open.key}>{open.panel()}</Tabs.Panel>
		</Tabs>
	);
}
