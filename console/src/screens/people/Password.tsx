// Setting and changing a person's password. It is in this component's memory only, and never read back.
import { Button, Modal, PasswordInput, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';

import { useApi, useChanged, useMayManage } from '../../api/hooks';
import { AskForm, saidOf } from '../../parts/AskForm';
import { Block } from '../../parts/Block';
import { OneTimeSecret, type Shown } from '../../parts/OneTimeSecret';
import { useAct } from '../../parts/useAct';
import { loginOf, usePeople, type Kind, type PersonHeld } from './kind';

const LETTERS = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const LENGTH = 20;

/** 20 letters and digits that are not taken for each other: more than 110 bits. Each of them equally likely. */
function passwordMade(): string {
	let made = '';
	while (made.length < LENGTH) {
		const [byte = 255] = crypto.getRandomValues(new Uint8Array(1));
		if (byte < 256 - (256 % LETTERS.length)) made += LETTERS.charAt(byte % LETTERS.length);
	}
	return made;
}

export function PasswordBlock({ kind, held }: { kind: Kind; held: PersonHeld }) {
	const [asked, setAsked] = useState(false);
	const [made, setMade] = useState<Shown | null>(null);
	const mayManage = useMayManage();
	const person = held.value;
	const set = person.password_set;
	return (
		<Block
			title="Password"
			about={set ? 'A password is set. Nobody can read it.' : `No password is set: the ${kind.one} cannot sign in.`}
			actions={
				mayManage && (
					<Button variant="default" onClick={() => setAsked(true)} data-testid="set-password">
						{set ? 'Change password' : 'Set password'}
					</Button>
				)
			}
		>
			<Modal opened={asked} onClose={() => setAsked(false)} title={`${set ? 'Change' : 'Set'} the password of ${loginOf(person)}`}>
				{asked && <Inside kind={kind} held={held} close={() => setAsked(false)} generated={(value) => setMade({ label: loginOf(person), value })} />}
			</Modal>
			<OneTimeSecret secret={made} close={() => setMade(null)} title="Password" named={kind.realm === 'user' ? 'Username' : 'E-mail'} />
		</Block>
	);
}

function Inside({ kind, held, close, generated }: { kind: Kind; held: PersonHeld; close: () => void; generated: (value: string) => void }) {
	const { partition } = usePeople(kind);
	const api = useApi();
	const changed = useChanged();
	const [typed, setTyped] = useState('');
	const act = useAct();
	const wrong = saidOf(act, '/password');

	/** Whatever else somebody changed meanwhile: a password takes nothing of it away. */
	async function save(password: string, isMade: boolean) {
		await api.change(kind.object, { partition, id: held.value.id }, '*', { password });
		if (isMade) generated(password);
		else notifications.show({ message: 'The password is changed', color: 'teal', autoClose: 4000 });
		close();
		void changed();
	}

	return (
		<AskForm
			act={act}
			submit={() => void act.run(() => save(typed, false))}
			good={typed !== ''}
			verb="Save"
			testId="save-password"
			close={close}
			fields={['/password']}
			beside={
				<Button variant="subtle" onClick={() => void act.run(() => save(passwordMade(), true))} disabled={act.busy} data-testid="generate-password">
					Generate one and show it
				</Button>
			}
		>
			<Text size="sm">
				{held.value.password_set ? `Every session of the ${kind.one} ends, and client applications have to ask for a new sign-in.` : `The ${kind.one} can sign in with it at once.`} Tell it to nobody but the person.
			</Text>
			<PasswordInput
				label="New password"
				description="At least 8 characters."
				value={typed}
				onChange={(event) => setTyped(event.currentTarget.value)}
				autoComplete="new-password"
				error={wrong}
				aria-invalid={wrong !== undefined}
				data-autofocus
				data-testid="field-password"
			/>
		</AskForm>
	);
}
