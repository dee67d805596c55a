// A secret in the one moment in which it can be seen: in this component's memory, and gone with it.
import { Alert, Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';

import { CopyField } from './CopyField';
import { Icon } from './icons';

export interface Shown {
	readonly label: string;
	readonly value: string;
}

/** named: what its label is. Stays until somebody says that it is kept: neither Escape nor a click beside it loses the secret. */
export function OneTimeSecret({ secret, close, title = 'Client Secret', named = 'Label' }: { secret: Shown | null; close: () => void; title?: string; named?: string }) {
	return (
		<Modal opened={secret !== null} onClose={close} title={title} withCloseButton={false} closeOnEscape={false} closeOnClickOutside={false} size="lg">
			{secret !== null && <Inside key={secret.value} secret={secret} close={close} title={title} named={named} />}
		</Modal>
	);
}

function Inside({ secret, close, title, named }: { secret: Shown; close: () => void; title: string; named: string }) {
	const [kept, setKept] = useState(false);
	return (
		<Stack data-testid="one-time-secret">
			<Alert color="yellow" variant="light" icon={<Icon name="warning" />} title={`This ${title} is only displayed once.`}>
				<Text size="sm">Copy it and store it in a safe and secure location. It is kept only as a hash: nobody can show it again.</Text>
			</Alert>
			<CopyField label={title} value={secret.value} testId="secret-value" />
			<Text size="sm" c="dimmed">
				{named}: {secret.label}
			</Text>
			<Checkbox label="I have stored it" checked={kept} onChange={(event) => setKept(event.currentTarget.checked)} />
			<Group justify="flex-end">
				<Button disabled={!kept} onClick={close}>
					Close
				</Button>
			</Group>
		</Stack>
	);
}
