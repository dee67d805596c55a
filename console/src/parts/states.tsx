// What stands where something is not there: not yet, not at all, or not because of a problem.
import { Alert, Anchor, Button, Center, Group, Loader, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

import { problemOf } from '../api/problem';
import { Icon } from './icons';

export function Loading({ label = 'Loading' }: { label?: string }) {
	return (
		<Center p="xl" role="status" aria-label={label} data-testid="loading">
			<Loader size="md" aria-hidden />
		</Center>
	);
}

export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
	return (
		<Center p="xl" data-testid="empty">
			<Stack align="center" gap="xs" maw={480}>
				<Text fw={600}>{title}</Text>
				{children !== undefined && (
					<Text c="dimmed" ta="center" size="sm">
						{children}
					</Text>
				)}
				{action}
			</Stack>
		</Center>
	);
}

/** Says what went wrong where it went wrong. */
export function Failed({ error, retry, title }: { error: unknown; retry?: (() => void) | undefined; title?: string }) {
	const problem = problemOf(error);
	const unplaced = Object.entries(problem.fields);
	return (
		<Alert color="red" variant="light" title={title ?? problem.title} icon={<Icon name="warning" />} role="alert" data-testid="problem">
			<Text size="sm">{problem.detail}</Text>
			{unplaced.map(([at, sentence]) => (
				<Text size="sm" key={at}>
					{sentence}
				</Text>
			))}
			<Group gap="md" mt="xs">
				{retry !== undefined && (
					<Button size="xs" variant="default" onClick={retry}>
						Try again
					</Button>
				)}
				{problem.page !== null && (
					<Anchor size="xs" href={problem.page} target="_blank" rel="noreferrer">
						What this means
					</Anchor>
				)}
				{problem.requestId !== null && (
					<Text size="xs" c="dimmed">
						Request <span className="mono">{problem.requestId}</span>
					</Text>
				)}
			</Group>
		</Alert>
	);
}

/** As useRead gives it. */
export interface Reading<T> {
	readonly data: T | undefined;
	readonly error: unknown;
	readonly refetch: () => unknown;
}

/** The three states of something that is read; children only with the value. */
export function Read<T>({ of, children }: { of: Reading<T>; children: (value: T) => ReactNode }) {
	if (of.data !== undefined) return <>{children(of.data)}</>;
	if (of.error === null) return <Loading />;
	return <Failed error={of.error} retry={problemOf(of.error).again ? () => void of.refetch() : undefined} />;
}
