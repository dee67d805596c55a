// Which scopes the application may ask for: by API, the kinds apart, each with what it opens.
import { Alert, Checkbox, Group, NativeSelect, Paper, Stack, Switch, Text, TextInput, Title, UnstyledButton } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';

import { useApi, usePartition } from '../../api/hooks';
import { Dotted } from '../../parts/Dotted';
import type { Draft } from '../../parts/draft';
import { Icon } from '../../parts/icons';
import { ObjectForm } from '../../parts/ObjectForm';
import { Empty, Read } from '../../parts/states';
import { useCatalogue, type Catalogue, type Entry, type Group as ApiGroup } from './catalogue';
import { actorWords, kindWords, memberWords, type Application, type TabProps } from './words';

interface Narrowing {
	readonly search: string;
	readonly kind: string;
	readonly assigned: boolean;
}

export function Permissions({ application }: TabProps) {
	const api = useApi();
	const partition = usePartition();
	const catalogue = useCatalogue(partition);
	const names = { partition, client_id: application.value.client_id };
	return (
		<Read of={catalogue}>
			{(all) => (
				<ObjectForm
					held={application}
					words={memberWords}
					read={() => api.read('/partitions/{partition}/client-applications/{client_id}', names)}
					save={(changes, etag) => api.change('/partitions/{partition}/client-applications/{client_id}', names, etag, changes)}
				>
					{(draft) => <Assignment draft={draft} catalogue={all} />}
				</ObjectForm>
			)}
		</Read>
	);
}

/** What is looked for stands in the address, so that it can be linked. */
function useNarrowing(): [Narrowing, (change: Partial<Narrowing>) => void] {
	const [parameters, setParameters] = useSearchParams();
	const narrowing = { search: parameters.get('search') ?? '', kind: parameters.get('kind') ?? '', assigned: parameters.has('assigned') };
	function narrow(change: Partial<Narrowing>) {
		const { search, kind, assigned } = { ...narrowing, ...change };
		setParameters({ ...(search === '' ? {} : { search }), ...(kind === '' ? {} : { kind }), ...(assigned ? { assigned: '' } : {}) }, { replace: true, preventScrollReset: true });
	}
	return [narrowing, narrow];
}

function fits({ permission, opens }: Entry, assigned: ReadonlySet<string>, narrowing: Narrowing): boolean {
	if (narrowing.kind !== '' && permission.kind !== narrowing.kind) return false;
	if (narrowing.assigned && !assigned.has(permission.name)) return false;
	const sought = narrowing.search.toLowerCase();
	return (
		sought === '' ||
		permission.name.toLowerCase().includes(sought) ||
		(permission.description ?? '').toLowerCase().includes(sought) ||
		opens.some(({ operation }) => operation.path.toLowerCase().includes(sought))
	);
}

function Assignment({ draft, catalogue }: { draft: Draft<Application>; catalogue: Catalogue }) {
	const [narrowing, narrow] = useNarrowing();
	const assigned = useMemo(() => new Set(draft.value.permissions), [draft.value.permissions]);
	const groups = catalogue.groups
		.map((group) => ({ ...group, entries: group.entries.filter((entry) => fits(entry, assigned, narrowing)) }))
		.filter(({ entries }) => entries.length > 0);

	function assign(names: readonly string[], wanted: boolean) {
		const before = draft.value.permissions;
		draft.set('permissions', wanted ? [...before, ...names.filter((name) => !assigned.has(name))] : before.filter((name) => !names.includes(name)));
	}

	return (
		<Stack gap="lg">
			<Text size="sm" maw="52rem">
				Assigning permissions makes them available, but they are only included in your access token if explicitly requested in your API call.
			</Text>
			<Group gap="sm" align="center">
				<TextInput
					type="search"
					aria-label="Search permissions"
					placeholder="Search by name, words or path"
					leftSection={<Icon name="search" size={16} />}
					value={narrowing.search}
					onChange={(event) => narrow({ search: event.currentTarget.value })}
					style={{ flex: '1 1 14rem', maxWidth: '28rem' }}
					data-testid="permissions-search"
				/>
				<NativeSelect
					aria-label="Kind"
					value={narrowing.kind}
					onChange={(event) => narrow({ kind: event.currentTarget.value })}
					data={[{ value: '', label: 'All kinds' }, ...kindWords.map(({ kind, short }) => ({ value: kind, label: short }))]}
					data-testid="permissions-kind"
				/>
				<Switch label="Assigned only" checked={narrowing.assigned} onChange={(event) => narrow({ assigned: event.currentTarget.checked })} data-testid="permissions-assigned" />
				<Text size="sm" c="dimmed" ml="auto" role="status">
					{assigned.size} assigned
				</Text>
			</Group>
			{!catalogue.whole && <Alert color="yellow" variant="light">There are more permissions or operations than are shown here. Search for the one you want in Integration → Permissions.</Alert>}
			{catalogue.permissions.every(({ reserved }) => reserved) && (
				<Alert color="teal" variant="light">
					The partition has no permissions of its own yet. Import an API, or add permissions in Integration → Permissions.
				</Alert>
			)}
			{groups.length === 0 && <Empty title="Nothing fits">Search for a part of a name, or take a filter away.</Empty>}
			{groups.map((group) => (
				<ApiPermissions key={`${group.reserved ? 1 : 0} ${group.api ?? ''}`} group={group} platform={draft.value.platform} assigned={assigned} assign={assign} />
			))}
		</Stack>
	);
}

interface AssignProps {
	assigned: ReadonlySet<string>;
	assign: (names: readonly string[], wanted: boolean) => void;
}

function ApiPermissions({ group, platform, ...rest }: { group: ApiGroup; platform: Application['platform'] } & AssignProps) {
	const title = group.api ?? (group.reserved ? 'Administration of this partition' : 'Used by no API');
	return (
		<Paper withBorder p="md" component="section" aria-label={title} data-testid={`api-${group.api ?? (group.reserved ? 'reserved' : 'none')}`}>
			<Stack gap="md">
				<Title order={2} size="h4">
					{title}
				</Title>
				{group.reserved && <Text size="sm">With these a program administers the partition through the Admin API. They cannot be asked for together with others.</Text>}
				{kindWords.map((kind) => {
					const entries = group.entries.filter(({ permission }) => permission.kind === kind.kind);
					return entries.length === 0 ? null : <KindPermissions key={kind.kind} words={kind} entries={entries} idle={platform === 'spa' && kind.kind !== 'delegated'} {...rest} />;
				})}
			</Stack>
		</Paper>
	);
}

function KindPermissions({ words, entries, idle, assigned, assign }: { words: (typeof kindWords)[number]; entries: readonly Entry[]; idle: boolean } & AssignProps) {
	const names = entries.filter(({ permission }) => !permission.reserved).map(({ permission }) => permission.name);
	const all = names.length > 0 && names.every((name) => assigned.has(name));
	return (
		<div role="group" aria-label={words.label}>
			<Group justify="space-between" align="flex-start" gap="xs" mb="xs">
				<div>
					<Title order={3} size="h6">
						{words.label}
					</Title>
					<Text size="xs" c="dimmed">
						{words.about}
						{idle && ' A single page application has no flow that carries these.'}
					</Text>
				</div>
				{names.length > 1 && (
					<UnstyledButton type="button" onClick={() => assign(names, !all)} style={{ fontSize: 'var(--mantine-font-size-xs)', color: 'var(--mantine-color-anchor)' }}>
						{all ? 'Take all away' : 'Assign all'}
					</UnstyledButton>
				)}
			</Group>
			<Stack gap="xs">
				{entries.map((entry) => (
					<PermissionLine key={entry.permission.name} entry={entry} checked={assigned.has(entry.permission.name)} onChange={(wanted) => assign([entry.permission.name], wanted)} />
				))}
			</Stack>
		</div>
	);
}

function PermissionLine({ entry, checked, onChange }: { entry: Entry; checked: boolean; onChange: (wanted: boolean) => void }) {
	const { permission, opens, alsoIn } = entry;
	const [shown, setShown] = useState(false);
	const list = `opens-${permission.name}`;
	return (
		<div>
			<Checkbox
				checked={checked}
				onChange={(event) => onChange(event.currentTarget.checked)}
				label={<span className="mono"><Dotted>{permission.name}</Dotted></span>}
				description={permission.description ?? undefined}
				data-testid={`permission-${permission.name}`}
			/>
			<Group gap="xs" pl={32}>
				{opens.length > 0 && (
					<UnstyledButton type="button" onClick={() => setShown(!shown)} aria-expanded={shown} aria-controls={list} aria-label={`Operations that ${permission.name} opens`} style={{ fontSize: 'var(--mantine-font-size-xs)', color: 'var(--mantine-color-anchor)' }}>
						{shown ? 'Hide' : 'Opens'} {opens.length} operation{opens.length === 1 ? '' : 's'}
					</UnstyledButton>
				)}
				{alsoIn.length > 0 && (
					<Text size="xs" c="dimmed">
						also used by {alsoIn.join(', ')}
					</Text>
				)}
			</Group>
			{shown && (
				<ul id={list} style={{ margin: '.25rem 0 .5rem', paddingInlineStart: '3.25rem', fontSize: 'var(--mantine-font-size-sm)' }}>
					{opens.map(({ operation, alternatives }) => (
						<li key={`${operation.api} ${operation.method} ${operation.path}`}>
							<span className="mono">
								{operation.method} {operation.path}
							</span>
							{operation.summary !== null && operation.summary !== '' && <> · {operation.summary}</>}
							<Text span size="xs" c="dimmed">
								{' '}
								({alternatives.map(({ actor, scopes }) => actorWords[actor] + (scopes.length > 1 ? `, with ${scopes.filter((scope) => scope !== permission.name && scope !== '.default').join(' and ')}` : '')).join('; ')})
							</Text>
						</li>
					))}
				</ul>
			)}
		</div>
	);
}
