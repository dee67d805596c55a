// The button that deletes an object, and the question before it.
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type ReactNode } from 'react';

import { useChanged, useMayManage } from '../api/hooks';
import { ConfirmNamed } from './ConfirmNamed';
import { Icon } from './icons';

interface RemoveProps {
	/** "user". */
	what: string;
	/** What has to be typed. */
	name: string;
	/** What goes with it. */
	children: ReactNode;
	act: () => Promise<unknown>;
	/** Where to go when it is gone. */
	gone?: () => unknown;
	/** On the row of a list, where the name is said beside it. */
	compact?: boolean;
}

export function Remove({ what, name, children, act, gone, compact = false }: RemoveProps) {
	const [asked, setAsked] = useState(false);
	const changed = useChanged();
	if (!useMayManage()) return null;
	return (
		<>
			<Button
				variant={compact ? 'subtle' : 'default'}
				size={compact ? 'compact-sm' : 'sm'}
				color="red"
				c="var(--mantine-color-error)"
				leftSection={<Icon name="trash" size={16} />}
				aria-label={compact ? `Delete ${what} ${name}` : undefined}
				onClick={() => setAsked(true)}
				data-testid="delete"
			>
				Delete
			</Button>
			<ConfirmNamed
				opened={asked}
				close={() => setAsked(false)}
				title={`Delete ${what}`}
				name={name}
				verb="Delete"
				act={async () => {
					await act();
					notifications.show({ message: `Deleted: ${name}`, color: 'teal', autoClose: 4000 });
					await gone?.();
					void changed();
				}}
			>
				{children}
			</ConfirmNamed>
		</>
	);
}
