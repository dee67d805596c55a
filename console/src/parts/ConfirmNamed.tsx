// What cannot be undone is confirmed by typing the name of what goes.
import { Group, Modal, Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';

import { AskForm } from './AskForm';
import { CopyButton } from './CopyField';
import { useAct } from './useAct';

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
	const doing = useAct();

	async function confirm() {
		if (await doing.run(act)) close();
	}

	return (
		<AskForm act={doing} submit={() => void confirm()} good={name === '' || typed.trim() === name.trim()} verb={verb} color="red.9" testId="confirm" close={close}>
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
		</AskForm>
	);
}
