// A sign-in comes back to registered addresses only: the console's own is put in with a click, and taken out again.
import { Alert, Button, Group, Stack, Text } from '@mantine/core';

import type { Held } from '../../api/client';
import { useApi, useChanged, useMayManage, usePartition } from '../../api/hooks';
import { Failed } from '../../parts/states';
import { useAct } from '../../parts/useAct';
import type { Application } from './flows';

export function Redirect({ held, redirectUri }: { held: Held<Application>; redirectUri: string }) {
	const api = useApi();
	const partition = usePartition();
	const changed = useChanged();
	const mayManage = useMayManage();
	const act = useAct();
	const { client_id, redirect_urls } = held.value;
	const registered = redirect_urls.includes(redirectUri);

	async function change(urls: readonly string[]) {
		await api.change('/partitions/{partition}/client-applications/{client_id}', { partition, client_id }, held.etag, { redirect_urls: urls }).finally(changed);
	}

	const problem = act.error !== null && <Failed error={act.error} title="The Redirect URLs were not changed" />;
	if (registered)
		return (
			<Stack gap="xs">
				<Group gap="sm">
					<Text size="sm">
						The answer comes back to <span className="mono">{redirectUri}</span>, which is registered.
					</Text>
					{mayManage && (
						<Button size="compact-sm" variant="default" loading={act.busy} onClick={() => void act.run(() => change(redirect_urls.filter((url) => url !== redirectUri)))} data-testid="unregister-try">
							Take it out again
						</Button>
					)}
				</Group>
				{problem}
			</Stack>
		);
	return (
		<Alert color="yellow" variant="light" title="The console is not among the Redirect URLs" data-testid="not-registered">
			<Stack gap="xs" align="flex-start">
				<Text size="sm">
					A sign-in only comes back to registered addresses. To see it here, register <span className="mono">{redirectUri}</span>; take it out again when you are done.
				</Text>
				{mayManage ? (
					<Button size="xs" variant="default" loading={act.busy} onClick={() => void act.run(() => change([...redirect_urls, redirectUri]))} data-testid="register-try">
						Register it
					</Button>
				) : (
					<Text size="sm">You may only look: ask somebody who may change client applications.</Text>
				)}
				{problem}
			</Stack>
		</Alert>
	);
}
