// A screen: its title (in the tab and as the heading that takes the focus after a way led here), what can be done, and what is there.
import { Group, Stack, Text, Title } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import { NavigationType, useLocation, useNavigationType } from 'react-router';

import { Dotted } from './Dotted';

interface PageProps {
	title: string;
	/** One sentence below the title. */
	about?: ReactNode;
	/** Buttons beside the title. */
	actions?: ReactNode;
	children: ReactNode;
}

export function Page({ title, about, actions, children }: PageProps) {
	const heading = useRef<HTMLHeadingElement>(null);
	const arrived = useRef<string | null>(null);
	const { pathname, state } = useLocation() as { pathname: string; state: { arriving?: boolean } | null };
	const arriving = state?.arriving === true;
	const how = useNavigationType();
	useEffect(() => {
		document.title = `${title} · Administration Console`;
	}, [title]);
	// Once for each way that led here: neither a filter nor a tab takes the focus from who is using it.
	useEffect(() => {
		if (arrived.current === pathname) return;
		arrived.current = pathname;
		if (how !== NavigationType.Pop && !arriving && document.activeElement?.role !== 'tab') heading.current?.focus({ preventScroll: true });
	}, [pathname, how, arriving]);
	return (
		<Stack gap="lg">
			<Group justify="space-between" align="flex-start" gap="sm">
				<div style={{ minWidth: 0, flex: '1 1 16rem' }}>
					<Title order={1} size="h2" ref={heading} tabIndex={-1} style={{ outline: 'none' }} data-testid="page-title">
						<Dotted>{title}</Dotted>
					</Title>
					{about !== undefined && (
						<Text c="dimmed" size="sm" maw="48rem" component="div">
							{about}
						</Text>
					)}
				</div>
				{actions !== undefined && <Group gap="xs">{actions}</Group>}
			</Group>
			{children}
		</Stack>
	);
}
