// A state in a word or two, with a colour that only repeats it.
import { Badge } from '@mantine/core';

const colours = { good: 'teal', bad: 'red', waiting: 'yellow', plain: 'gray' } as const;

export function Stamp({ tone, children, testId }: { tone: keyof typeof colours; children: string; testId?: string }) {
	return (
		<Badge variant="light" color={colours[tone]} c="var(--mantine-color-text)" tt="none" radius="sm" h="auto" py={2} lh={1.35} fw={600} styles={{ label: { whiteSpace: 'normal', overflow: 'visible', overflowWrap: 'normal' } }} data-testid={testId}>
			{children}
		</Badge>
	);
}
