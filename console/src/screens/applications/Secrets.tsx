// The secret table: several, each with its own label and end, so that they are exchanged without downtime.
import { Alert, Badge, Button, Group, Modal, Paper, Stack, Text, TextInput, Tooltip, ActionIcon } from '@mantine/core';
import { useState } from 'react';

import type { Held, Schemas } from '../../api/client';
import { useApi, useChanged, useMayManage, usePartition } from '../../api/hooks';
import { problemOf, type Problem } from '../../api/problem';
import { Ago } from '../../parts/Ago';
import { ConfirmNamed } from '../../parts/ConfirmNamed';
import { Icon } from '../../parts/icons';
import { OneTimeSecret, type Shown } from '../../parts/OneTimeSecret';
import { Empty, Failed } from '../../parts/states';
import { keepForTrying } from '../tryit/secrets';
import { ExpiryField, type Expiry, expiryOf } from './ExpiryField';
import type { Application } from './words';

type Secret = Schemas['Secret'];
const MOST = 16;

export function Secrets({ application }: { application: Held<Application> }) {
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
					<table className="data" role="table" aria-label="Secrets" data-testid="secrets">
						<thead role="rowgroup">
							<tr role="row">
								{['Label', 'Created', 'Expires', 'Last use'].map((label) => (
									<th key={label} role="columnheader" scope="col">
										{label}
									</th>
								))}
								<th role="columnheader" scope="col">
									<span className="mantine-visually-hidden">Actions</span>
								</th>
							</tr>
						</thead>
						<tbody role="rowgroup">
							{secrets.map((secret) => (
								<tr key={secret.label} role="row" data-testid={`row-${secret.label}`}>
									<td role="cell" data-label="Label">
										<strong>{secret.label}</strong>
									</td>
									<td role="cell" data-label="Created">
										<Ago at={secret.created_at} />
									</td>
									<td role="cell" data-label="Expires">
										<Expires secret={secret} />
									</td>
									<td role="cell" data-label="Last use">
										<Ago at={secret.last_used_at} />
									</td>
									<td role="cell" data-label="" className="end">
										{mayManage && (
											<Group gap={4} justify="flex-end" wrap="nowrap">
												<Button size="compact-sm" variant="subtle" onClick={() => setEnding(secret)} aria-label={`Change when ${secret.label} expires`}>
													Change expiry
												</Button>
												<Tooltip label="Delete secret">
													<ActionIcon variant="subtle" color="gray" aria-label={`Delete secret ${secret.label}`} onClick={() => setDeleting(secret)} data-testid={`delete-${secret.label}`}>
														<Icon name="trash" />
													</ActionIcon>
												</Tooltip>
											</Group>
										)}
									</td>
								</tr>
							))}
						</tbody>
					</table>
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
							keepForTrying(client_id, secret);
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
					await api.remove('/partitions/{partition}/client-applications/{client_id}/secrets/{label}', { partition, client_id, label: deleting?.label ?? '' });
					await changed();
				}}
			>
				Programs that still use it are refused from then on. {deleting?.last_used_at == null ? 'It was never used.' : <>Last used <Ago at={deleting.last_used_at} />.</>}
			</ConfirmNamed>
		</Stack>
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

/** The value goes from the reply to the one who shows it, and through nothing that keeps it. */
function NewSecret({ application, close, made }: { application: Application; close: () => void; made: (secret: Shown) => void }) {
	const api = useApi();
	const partition = usePartition();
	const taken = application.secrets.map(({ label }) => label);
	const [label, setLabel] = useState(() => freeLabel(taken));
	const [expiry, setExpiry] = useState<Expiry>({ choice: 'never', date: '' });
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState<Problem | null>(null);
	const expires_at = expiryOf(expiry);
	const doubled = taken.includes(label.trim());

	async function make() {
		if (busy || label.trim() === '' || doubled || expires_at === undefined) return;
		setBusy(true);
		setProblem(null);
		try {
			const { value } = await api.create('/partitions/{partition}/client-applications/{client_id}/secrets', { partition, client_id: application.client_id }, { label: label.trim(), expires_at });
			made({ label: value.label, value: value.value });
		} catch (thrown) {
			setProblem(problemOf(thrown));
			setBusy(false);
		}
	}

	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				void make();
			}}
		>
			<Stack>
				<TextInput
					label="Label"
					description="To tell the secrets apart: where it is used, or since when."
					value={label}
					onChange={(event) => setLabel(event.currentTarget.value)}
					error={problem?.fields['/label'] ?? (doubled ? 'Another secret has this label.' : undefined)}
					maxLength={128}
					required
					data-autofocus
					data-testid="secret-label"
				/>
				<ExpiryField value={expiry} onChange={setExpiry} error={problem?.fields['/expires_at']} />
				{problem !== null && Object.keys(problem.fields).length === 0 && <Failed error={problem} />}
				<Alert color="yellow" variant="light" icon={<Icon name="warning" />}>
					The secret is shown once, right after this.
				</Alert>
				<Group justify="flex-end">
					<Button variant="default" onClick={close}>
						Cancel
					</Button>
					<Button type="submit" loading={busy} disabled={label.trim() === '' || doubled || expires_at === undefined} data-testid="make-secret">
						Generate
					</Button>
				</Group>
			</Stack>
		</form>
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
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState<Problem | null>(null);
	const expires_at = expiryOf(expiry);

	async function save() {
		if (busy || expires_at === undefined) return;
		setBusy(true);
		try {
			await api.change('/partitions/{partition}/client-applications/{client_id}/secrets/{label}', { partition, client_id: application.client_id, label: secret.label }, null, { expires_at });
			await changed();
			close();
		} catch (thrown) {
			setProblem(problemOf(thrown));
			setBusy(false);
		}
	}

	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				void save();
			}}
		>
			<Stack>
				<ExpiryField value={expiry} onChange={setExpiry} error={problem?.fields['/expires_at']} />
				{problem !== null && Object.keys(problem.fields).length === 0 && <Failed error={problem} />}
				<Group justify="flex-end">
					<Button variant="default" onClick={close}>
						Cancel
					</Button>
					<Button type="submit" loading={busy} disabled={expires_at === undefined}>
						Save
					</Button>
				</Group>
			</Stack>
		</form>
	);
}
