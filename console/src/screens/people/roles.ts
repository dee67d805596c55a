interface Role {
	readonly key: string;
	readonly label: string;
	readonly about: string;
	/** Only in the partition SYSTEM. */
	readonly system: boolean;
}

/** The roles that mean something to the server itself. */
export const ownRoles: readonly Role[] = [
	{
		key: 'partition_administrator',
		label: 'Partition administrator',
		about: 'May read and change everything in this partition: people, their passwords, client applications, permissions.',
		system: false,
	},
	{
		key: 'system_administrator',
		label: 'System administrator',
		about: 'May read and change everything in every partition, and create and delete partitions.',
		system: true,
	},
];

export function roleSaid(key: string): string {
	return ownRoles.find((role) => role.key === key)?.label ?? key;
}
