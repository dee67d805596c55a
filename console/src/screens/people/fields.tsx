// The fields of a person: the same for a new one and for one that exists.
import { Alert, Checkbox, Select, SimpleGrid, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState, type ReactNode } from 'react';

import { useMe, usePartition, useRead } from '../../api/hooks';
import { Block } from '../../parts/Block';
import { Icon } from '../../parts/icons';
import { ListField } from '../../parts/ListField';
import { ClaimFields, type PersonDraft } from './claims';
import type { Kind } from './kind';
import { ownRoles } from './roles';


export const words = {
	id: 'ID',
	username: 'Username',
	email: 'E-mail',
	department: 'Department',
	roles: 'Roles',
	enabled: 'Enabled',
	claims: 'Claims',
	password: 'Password',
} as const;

/** Of a person, all that can be changed. children: more about the sign-in. */
export function PersonFields({ draft, kind, isNew = false, children }: { draft: PersonDraft; kind: Kind; isNew?: boolean; children?: ReactNode }) {
	return (
		<Stack gap="lg">
			<Block title="Sign-in">
				<LoginFields draft={draft} kind={kind} isNew={isNew} />
				{children}
			</Block>
			{kind.realm === 'user' && (
				<Block title="Roles" about="Most users need none.">
					<RoleFields draft={draft} />
				</Block>
			)}
			<Block title="Claims" about="What client applications are told of the person, where the scopes profile, phone and address ask for it.">
				<ClaimFields draft={draft} />
			</Block>
		</Stack>
	);
}

function LoginFields({ draft, kind, isNew }: { draft: PersonDraft; kind: Kind; isNew: boolean }) {
	const isUser = kind.realm === 'user';
	return (
		<SimpleGrid cols={{ base: 1, md: 2 }}>
			{isUser && <TextInput label="Username" description="What the user signs in with. Unique in the partition." required autoComplete="off" spellCheck={false} {...draft.text('username')} />}
			<TextInput
				label="E-mail"
				description={isUser ? 'Optional.' : 'What the customer signs in with. Unique in the partition.'}
				required={!isUser}
				type="email"
				autoComplete="off"
				{...draft.text('email', isUser ? null : '')}
			/>
			{isNew ? (
				<TextInput label="ID" description="The sub of tokens. Made by the server when it is left empty; it never changes." autoComplete="off" spellCheck={false} {...draft.text('id')} />
			) : (
				<TextInput label="ID" description="The sub of tokens. It never changes." value={draft.value.id} readOnly classNames={{ input: 'mono' }} data-testid="field-id" />
			)}
			{isUser && <DepartmentField draft={draft} />}
			<Switch label="Enabled" description="Disabled: signed out at once, and every token stops working." {...draft.flag('enabled')} />
		</SimpleGrid>
	);
}

const MANY = 50;

function DepartmentField({ draft }: { draft: PersonDraft }) {
	const partition = usePartition();
	const present = draft.value.department ?? null;
	const [typed, setTyped] = useState('');
	const [search] = useDebouncedValue(typed === present ? '' : typed, 200);
	const departments = useRead('/partitions/{partition}/departments', { partition }, { limit: MANY, search }, { keep: true });
	const names = departments.data?.value.items.map(({ name }) => name) ?? [];
	return (
		<Select
			label="Department"
			description="None: the partition itself."
			placeholder="Partition"
			data={present === null || names.includes(present) ? names : [present, ...names]}
			value={present}
			onChange={(value) => draft.set('department', value)}
			searchable
			searchValue={typed}
			onSearchChange={setTyped}
			clearable
			clearButtonProps={{ 'aria-label': 'No department' }}
			nothingFoundMessage="No department begins like this"
			error={draft.error('/department')}
			id="field-department"
			data-testid="field-department"
		/>
	);
}

function RoleFields({ draft }: { draft: PersonDraft }) {
	const me = useMe();
	const partition = usePartition();
	const roles = draft.value.roles ?? [];
	const before = draft.base.roles ?? [];
	const offered = ownRoles.filter(({ key, system }) => !system || partition === 'SYSTEM' || roles.includes(key));
	const others = roles.filter((role) => !ownRoles.some(({ key }) => key === role));
	const given = offered.filter(({ key }) => roles.includes(key) && !before.includes(key));
	const taken = offered.filter(({ key }) => !roles.includes(key) && before.includes(key));
	const isMe = me.kind === 'user' && me.id === draft.base.id && me.partition === partition;
	const has = (role: string, wanted: boolean) => draft.set('roles', wanted ? [...roles, role] : roles.filter((other) => other !== role));
	return (
		<Stack gap="sm">
			{offered.map(({ key, label, about }) => (
				<Checkbox key={key} label={label} description={about} checked={roles.includes(key)} onChange={(event) => has(key, event.currentTarget.checked)} data-testid={`role-${key}`} />
			))}
			{given.map(({ key, label, about }) => (
				<Alert key={key} color="yellow" variant="light" icon={<Icon name="warning" />} title={`You are making somebody a ${label.toLowerCase()}`} role="status" data-testid="role-warning">
					<Text size="sm">{about} Give the role only to people you trust with all of that.</Text>
				</Alert>
			))}
			{isMe && taken.length > 0 && (
				<Alert color="yellow" variant="light" icon={<Icon name="warning" />} title="You are taking the role from yourself" role="status" data-testid="role-warning">
					<Text size="sm">As soon as this is saved, this console is closed to you.</Text>
				</Alert>
			)}
			<ListField
				label="Other roles"
				description="Words of your own; this server gives them no meaning."
				one="role"
				value={others}
				onChange={(value) => draft.set('roles', [...roles.filter((role) => ownRoles.some(({ key }) => key === role)), ...value])}
				id="field-roles"
				testId="field-roles"
				error={draft.error('/roles')}
				errors={others.map((role) => draft.error(`/roles/${roles.indexOf(role)}`))}
				max={32}
			/>
		</Stack>
	);
}
