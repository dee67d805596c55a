import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** A part of a screen that has a heading of its own. */
export function Block({ title, about, actions, children, testId }: { title: string; about?: ReactNode; actions?: ReactNode; children: ReactNode; testId?: string }) {
	return (
		<Paper withBorder p="md" component="section" aria-label={title} data-testid={testId} tabIndex={testId === undefined ? undefined : -1}>
			<Stack gap="md">
				<Group justify="space-between" align="flex-start" gap="sm">
					<div style={{ minWidth: 0, flex: '1 1 14rem' }}>
						<Title order={2} size="h4">
							{title}
						</Title>
						{about !== undefined && (
							<Text size="sm" c="dimmed" component="div" maw="44rem">
								{about}
							</Text>
						)}
					</div>
					{actions}
				</Group>
				{children}
			</Stack>
		</Paper>
	);
}
