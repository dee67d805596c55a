import { ActionIcon, Burger, Group, Menu, Text, UnstyledButton, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { Link, useParams } from 'react-router';

import { useMe } from '../api/hooks';
import { Icon, type IconName } from '../parts/icons';
import { useSession } from '../session/context';
import { DepartmentMenu } from './DepartmentMenu';
import { PartitionMenu } from './PartitionMenu';

const schemes: readonly { value: MantineColorScheme; label: string; icon: IconName }[] = [
	{ value: 'light', label: 'Light', icon: 'sun' },
	{ value: 'dark', label: 'Dark', icon: 'moon' },
	{ value: 'auto', label: 'As the system', icon: 'system' },
];

function SchemeMenu() {
	const { colorScheme, setColorScheme } = useMantineColorScheme();
	const icon = schemes.find(({ value }) => value === colorScheme)?.icon ?? 'system';
	return (
		<Menu position="bottom-end" withinPortal>
			<Menu.Target>
				<ActionIcon variant="subtle" color="gray" size="lg" aria-label="Light or dark" data-testid="scheme">
					<Icon name={icon} />
				</ActionIcon>
			</Menu.Target>
			<Menu.Dropdown>
				{schemes.map((scheme) => (
					<Menu.Item key={scheme.value} leftSection={<Icon name={scheme.icon} size={16} />} onClick={() => setColorScheme(scheme.value)} rightSection={scheme.value === colorScheme ? <Icon name="check" size={14} /> : null}>
						{scheme.label}
					</Menu.Item>
				))}
			</Menu.Dropdown>
		</Menu>
	);
}

function PersonMenu() {
	const me = useMe();
	const session = useSession();
	return (
		<Menu position="bottom-end" withinPortal>
			<Menu.Target>
				<ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Signed in as ${me.name}`} data-testid="person">
					<Icon name="person" />
				</ActionIcon>
			</Menu.Target>
			<Menu.Dropdown>
				<Menu.Label>
					<Text size="sm" fw={600} c="var(--mantine-color-text)">
						{me.name}
					</Text>
					<Text size="xs">
						{me.system ? 'System administrator' : 'Partition administrator'} · {me.partition}
					</Text>
				</Menu.Label>
				<Menu.Divider />
				<Menu.Item component="a" href={`${session.console.auth_url}/system/auth/${session.partition}-U/account`}>
					My account
				</Menu.Item>
				<Menu.Item onClick={() => void session.signOut()} data-testid="sign-out">
					Sign out
				</Menu.Item>
			</Menu.Dropdown>
		</Menu>
	);
}

export function Header({ opened, toggle }: { opened: boolean; toggle: () => void }) {
	const me = useMe();
	const { partition } = useParams();
	return (
		<Group h="100%" px={{ base: 'xs', sm: 'md' }} gap="xs" wrap="nowrap" justify="space-between">
			<Group gap="xs" wrap="nowrap" style={{ minWidth: 0 }}>
				{partition !== undefined && <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Navigation" aria-expanded={opened} data-testid="burger" />}
				<UnstyledButton component={Link} to="/" {...(partition === undefined ? {} : { visibleFrom: 'sm' })} aria-label="Administration Console">
					<Group gap="xs" wrap="nowrap">
						<img src="/console/favicon.svg" alt="" style={{ width: '1.625rem', height: '1.625rem' }} />
						<Text fw={650} visibleFrom="md" style={{ whiteSpace: 'nowrap' }}>
							Administration Console
						</Text>
					</Group>
				</UnstyledButton>
				{partition !== undefined && me.system && <PartitionMenu />}
				{partition !== undefined && <DepartmentMenu />}
			</Group>
			<Group gap={0} wrap="nowrap">
				<SchemeMenu />
				<PersonMenu />
			</Group>
		</Group>
	);
}

