// The form in a dialog: what is asked, what went wrong, and the buttons below.
import { Button, Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';

import { problemOf } from '../api/problem';
import { Failed } from './states';
import type { Act } from './useAct';

interface AskFormProps {
	act: Act;
	/** Only while good. */
	submit: () => void;
	good?: boolean;
	/** "Delete": the word on the button. */
	verb: string;
	color?: string;
	testId?: string;
	close: () => void;
	/** The problem's pointers that have a field here, which says it. */
	fields?: readonly string[];
	/** On the other side of the buttons. */
	beside?: ReactNode;
	children: ReactNode;
}

export function AskForm({ act, submit, good = true, verb, color, testId, close, fields = [], beside, children }: AskFormProps) {
	const placed = act.error !== null && Object.keys(problemOf(act.error).fields).some((pointer) => fields.includes(pointer));
	return (
		<form
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				if (good) submit();
			}}
		>
			<Stack>
				{children}
				{act.error !== null && !placed && <Failed error={act.error} />}
				<Group justify={beside === undefined ? 'flex-end' : 'space-between'}>
					{beside}
					<Group gap="xs">
						<Button variant="default" onClick={close}>
							Cancel
						</Button>
						<Button type="submit" color={color} loading={act.busy} disabled={!good} data-testid={testId}>
							{verb}
						</Button>
					</Group>
				</Group>
			</Stack>
		</form>
	);
}

/** What the server said of a field. */
export function saidOf(act: Act, pointer: string): string | undefined {
	return act.error === null ? undefined : problemOf(act.error).fields[pointer];
}
