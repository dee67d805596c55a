import { NavLink as Entry, ScrollArea, Stack, Text } from '@mantine/core';
import { Link, useLocation } from 'react-router';

import { usePartition } from '../api/hooks';
import { pathTo, sections } from './sections';

/** The rooms of the partition; a section's name leads to its own page. */
export function Navigation({ went }: { went: () => void }) {
	const partition = usePartition();
	const own = [
		{ key: 'overview', label: 'Overview' },
		{ key: 'settings', label: 'Partition settings' },
	];
	return (
		<ScrollArea h="100%" type="auto">
			<Stack gap="md" p="sm">
				<div role="group" aria-label="Partition">
					{own.map(({ key, label }) => (
						<Room key={key} to={pathTo(partition, key)} label={label} went={went} testId={`nav-${key}`} />
					))}
				</div>
				{sections.map((section) => {
					const root = pathTo(partition, section.key);
					return (
						<div key={section.key} role="group" aria-label={section.label}>
							<Text component={Link} to={root} size="xs" fw={700} c="dimmed" px="sm" onClick={went} style={{ textDecoration: 'none', display: 'block', padding: '.25rem .75rem' }} data-testid={`nav-${section.key}`}>
								{section.label}
							</Text>
							{section.pages.map((page) => (
								<Room key={page.key} to={pathTo(partition, section.key, page.key)} also={page.form === undefined ? undefined : pathTo(partition, section.key, page.form)} label={page.label} went={went} testId={`nav-${page.key}`} />
							))}
						</div>
					);
				})}
			</Stack>
		</ScrollArea>
	);
}

/** also: another address that belongs to it. */
function Room({ to, also, label, went, testId }: { to: string; also?: string | undefined; label: string; went: () => void; testId: string }) {
	const { pathname } = useLocation();
	const here = pathname === to || pathname === also || pathname.startsWith(`${to}/`);
	return <Entry component={Link} to={to} label={label} active={here} aria-current={here ? 'page' : undefined} onClick={went} style={{ borderRadius: 8 }} data-testid={testId} />;
}
