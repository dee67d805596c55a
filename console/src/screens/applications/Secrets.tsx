// The secret table: several, each with its own label and end, so that they are exchanged without downtime.
import { Alert, Badge, Button, Group, Modal, Paper, Stack, Text, TextInput, Tooltip, ActionIcon } from '@mantine/core';
import { useState } from 'react';

import type { Schemas } from '../../api/client';
import { useApi, useChanged, useMayManage, usePartition } from '../../api/hooks';
import { Ago } from '../../parts/Ago';
import { AskForm, saidOf } from '../../parts/AskForm';
import { ConfirmNamed } from '../../parts/ConfirmNamed';
import { Icon } from '../../parts/icons';
import { OneTimeSecret, type Shown } from '../../parts/OneTimeSecret';
import { Empty } from '../../parts/states';
import { Table } from '../../parts/Table';
import { useAct } from '../../parts/useAct';
import { nameProblem } from '../../parts/words';
import { ExpiryField, type Expiry, expiryOf } from './ExpiryField';
import type { Application, TabProps } from './words';

type Secret = Schemas['Secret'];
const MOST = 16;

export function Secrets({ application, kept }: TabProps) {
	const { platform, secrets, client_id } = application.value;
	const mayManage = useMayManage();
	const [adding, setAdding] = useState(false);
	const [shown, setShown] = useState<Shown | null>(null);
	const [deleting, setDeleting] = useState<Secret | null>(null);
	const [ending, setEnding] = useState<Secret | null>(null);
	const api = useApi();
	const changed = useChanged();
	const partition = usePartition();

	if (platform === 'spa' && secrets.length === 0)
		return (
			<Paper withBorder>
				<Empty title="A Single Page Application has no secrets">It runs where everybody can read it, and proves itself with PKCE instead. A request of it that carries a secret is refused.</Empty>
			</Paper>
		);
	return (
		<Stack>
			<Text size="sm">
				A Client Secret is only displayed once upon creation. Copy it and store it in a safe and secure location. An application may hold several: make the new one, bring it to
				the program, then delete the old one.
			</Text>
			<Paper withBorder style={{ overflow: 'hidden' }}>
				{secrets.length === 0 ? (
					<Empty title="No secret yet">Without one the application cannot ask for tokens, unless it signs assertions (private_key_jwt).</Empty>
				) : (
					<Table
						label="Secrets"
						testId="secrets"
						rows={secrets}
						rowKey={(secret) => secret.label}
						columns={[
							{ label: 'Label', cell: (secret) => <strong>{secret.label}</strong> },
							{ label: 'Created', cell: (secret) => <Ago at={secret.created_at} /> },
							{ label: 'Expires', cell: (secret) => <Expires secret={secret} /> },
							{ label: 'Last use', cell: (secret) => <Ago at={secret.last_used_at} /> },
							{ label: '', align: 'end', cell: (secret) => mayManage && <Buttons label={secret.label} end={() => setEnding(secret)} remove={() => setDeleting(secret)} /> },
						]}
					/>
				)}
				{mayManage && platform === 'web' && (
					<Group p="sm" justify="flex-end" style={{ borderTop: '1px solid var(--mantine-color-default-border)' }}>
						<Button leftSection={<Icon name="add" size={16} />} onClick={() => setAdding(true)} disabled={secrets.length >= MOST} data-testid="new-secret">
							New secret
						</Button>
					</Group>
				)}
			</Paper>

			<Modal opened={adding} onClose={() => setAdding(false)} title="New Client Secret">
				{adding && (
					<NewSecret
						application={application.value}
						close={() => setAdding(false)}
						made={(secret) => {
							setAdding(false);
							setShown(secret);
							kept.keep(secret);
						}}
					/>
				)}
			</Modal>
			<OneTimeSecret
				secret={shown}
				close={() => {
					setShown(null);
					void changed();
				}}
			/>
			<Modal opened={ending !== null} onClose={() => setEnding(null)} title={`When ${ending?.label ?? ''} expires`}>
				{ending !== null && <ChangeEnd application={application.value} secret={ending} close={() => setEnding(null)} />}
			</Modal>
			<ConfirmNamed
				opened={deleting !== null}
				title="Delete secret"
				name={deleting?.label ?? ''}
				verb="Delete"
				close={() => setDeleting(null)}
				act={async () => {
					if (deleting === null) return;
					await api.remove(`${PATH}/{label}`, { partition, client_id, label: deleting.label });
					if (kept.secret?.label === deleting.label) kept.keep(null);
					await changed();
				}}
			>
				Programs that still use it are refused from then on. {deleting?.last_used_at == null ? 'It was never used.' : <>Last used <Ago at={deleting.last_used_at} />.</>}
			</ConfirmNamed>
		</Stack>
	);
}

function Buttons({ label, end, remove }: { label: string; end: () => void; remove: () => void }) {
	return (
		<Group gap={4} justify="flex-end" wrap="nowrap">
			<Button size="compact-sm" variant="subtle" onClick={end} aria-label={`Change when ${label} expires`}>
				Change expiry
			</Button>
			<Tooltip label="Delete secret">
				<ActionIcon variant="subtle" color="gray" aria-label={`Delete secret ${label}`} onClick={remove} data-testid={`delete-${label}`}>
					<Icon name="trash" />
				</ActionIcon>
			</Tooltip>
		</Group>
	);
}

function Expires({ secret }: { secret: Secret }) {
	const [now] = useState(() => Date.now());
	const over = secret.expires_at !== null && Date.parse(secret.expires_at) <= now;
	return (
		<Group gap="xs">
			<Ago at={secret.expires_at} />
			{over && (
				<Badge variant="outline" color="red" tt="none" radius="sm">
					Expired
				</Badge>
			)}
		</Group>
	);
}

const PATH = '/partitions/{partition}/client-applications/{client_id}/secrets';

/** The value goes from the reply to the one who shows it, and through nothing that keeps it. */
function NewSecret({ application, close, made }: { application: Application; close: () => void; made: (secret: Shown) => void }) {
	const api = useApi();
	const partition = usePartition();
	const taken = application.secrets.map(({ label }) => label);
	const [label, setLabel] = useState(() => freeLabel(taken));
	const [expiry, setExpiry] = useState<Expiry>({ choice: 'never', date: '' });
	const act = useAct();
	const expires_at = expiryOf(expiry);
	const wrong = taken.includes(label.trim()) ? 'Another secret has this label.' : nameProblem(label.trim(), '');

	async function make() {
		const { value } = await api.create(PATH, { partition, client_id: application.client_id }, { label: label.trim(), expires_at: expires_at ?? null });
		made({ label: value.label, value: value.value });
	}

	return (
		<AskForm act={act} submit={() => void act.run(make)} good={wrong === undefined && expires_at !== undefined} verb="Generate" testId="make-secret" close={close} fields={['/label', '/expires_at']}>
			<TextInput
				label="Label"
				description="To tell the secrets apart: where it is used, or since when."
				value={label}
				onChange={(event) => setLabel(event.currentTarget.value)}
				error={saidOf(act, '/label') ?? wrong}
				maxLength={128}
				required
				data-autofocus
				data-testid="secret-label"
			/>
			<ExpiryField value={expiry} onChange={setExpiry} error={saidOf(act, '/expires_at')} />
			<Alert color="yellow" variant="light" icon={<Icon name="warning" />}>
				The secret is shown once, right after this.
			</Alert>
		</AskForm>
	);
}

function freeLabel(taken: readonly string[]): string {
	let number = taken.length + 1;
	while (taken.includes(`secret-${number}`)) number++;
	return `secret-${number}`;
}

function ChangeEnd({ application, secret, close }: { application: Application; secret: Secret; close: () => void }) {
	const api = useApi();
	const changed = useChanged();
	const partition = usePartition();
	const [expiry, setExpiry] = useState<Expiry>({ choice: secret.expires_at === null ? 'never' : 'date', date: secret.expires_at ?? '' });
	const act = useAct();
	const expires_at = expiryOf(expiry);

	async function save() {
		await api.change(`${PATH}/{label}`, { partition, client_id: application.client_id, label: secret.label }, null, { expires_at: expires_at ?? null });
		await changed();
		close();
	}

	return (
		<AskForm act={act} submit={() => void act.run(save)} good={expires_at !== undefined} verb="Save" close={close} fields={['/expires_at']}>
			<ExpiryField value={expiry} onChange={setExpiry} error={saidOf(act, '/expires_at')} />
		</AskForm>
	);
}
