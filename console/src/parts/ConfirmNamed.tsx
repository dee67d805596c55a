// What cannot be undone is confirmed by typing the name of what goes.
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';

import { CopyButton } from './CopyField';
import { Failed } from './states';

interface Question {
	/** "Delete client application". */
	title: string;
	/** What has to be typed; empty: nothing, the button alone. */
	name: string;
	/** What will be lost. */
	children: ReactNode;
	/** "Delete": the word on the button. */
	verb: string;
	/** Does it; what it throws is shown, and the question stays. */
	act: () => Promise<unknown>;
	close: () => void;
}

export function ConfirmNamed({ opened, ...question }: Question & { opened: boolean }) {
	return (
		<Modal opened={opened} onClose={question.close} title={question.title}>
			{opened && <Inside {...question} />}
		</Modal>
	);
}

function Inside({ name, children, verb, act, close }: Question) {
	const [typed, setTyped] = useState('');
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<unknown>(null);
	const good = name === '' || typed.trim() === name;

	async function confirm() {
		if (!good || busy) return;
		setBusy(true);
		setError(null);
		try {
			await act();
			close();
		} catch (thrown) {
			setError(thrown);
			setBusy(false);
		}
	}

	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				void confirm();
			}}
		>
			<Stack>
				<Text size="sm" component="div">
					{children}
				</Text>
				{name !== '' && (
					<>
						<Group gap={4} wrap="nowrap">
							<Text size="sm">
								Type <strong>{name}</strong> to confirm.
							</Text>
							<CopyButton value={name} label="name" />
						</Group>
						<TextInput aria-label={`Type ${name} to confirm`} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} data-autofocus autoComplete="off" data-testid="confirm-name" />
					</>
				)}
				{error !== null && <Failed error={error} />}
				<Group justify="flex-end">
					<Button variant="default" onClick={close}>
						Cancel
					</Button>
					<Button type="submit" color="red.9" disabled={!good} loading={busy} data-testid="confirm">
						{verb}
					</Button>
				</Group>
			</Stack>
		</form>
	);
}
