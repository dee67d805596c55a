// The permissions of a partition as somebody who assigns them wants to see them: with the operations that each opens, by API.
import { useQuery, type UseQueryResult } from '@tanstack/react-query';

import type { Api, Page, Schemas } from '../../api/client';
import { useApi } from '../../api/hooks';

type Permission = Schemas['Permission'];
type Operation = Schemas['Operation'];

export interface Opened {
	readonly operation: Operation;
	/** The alternatives in which the permission stands. */
	readonly alternatives: readonly Schemas['Alternative'][];
}

export interface Entry {
	readonly permission: Permission;
	readonly opens: readonly Opened[];
	/** APIs that use it beside the one of its group. */
	readonly alsoIn: readonly string[];
}

/** Where permissions stand: with an API that uses them, with none, or with the Admin API. */
export interface Group {
	/** Name of the API; null: it is not one of the partition's. */
	readonly api: string | null;
	readonly reserved: boolean;
	readonly entries: readonly Entry[];
}

const PAGES_MOST = 100;

async function everything<T>(page: (cursor: string | undefined) => Promise<Page<T>>): Promise<{ items: T[]; whole: boolean }> {
	const items: T[] = [];
	let cursor: string | undefined;
	for (let count = 0; count < PAGES_MOST; count++) {
		const { items: more, next } = await page(cursor);
		items.push(...more);
		if (next === null) return { items, whole: true };
		cursor = next;
	}
	return { items, whole: false };
}

export interface Catalogue {
	readonly groups: readonly Group[];
	readonly permissions: readonly Permission[];
	/** There was more than is read. */
	readonly whole: boolean;
}

async function catalogueRead(api: Api, partition: string, signal: AbortSignal): Promise<Catalogue> {
	const [permissions, operations] = await Promise.all([
		everything<Permission>(async (cursor) => (await api.read('/partitions/{partition}/permissions', { partition }, { limit: 200, cursor }, signal)).value),
		everything<Operation>(async (cursor) => (await api.read('/partitions/{partition}/operations', { partition }, { limit: 200, cursor }, signal)).value),
	]);
	return { groups: groupsOf(permissions.items, operations.items), permissions: permissions.items, whole: permissions.whole && operations.whole };
}

/** Any application permission meets ".default". */
const ANY_APPLICATION = '.default';

export function groupsOf(permissions: readonly Permission[], operations: readonly Operation[]): Group[] {
	const opened = new Map<string, Opened[]>();
	for (const operation of operations) {
		for (const scope of new Set(operation.alternatives.flatMap(({ scopes }) => scopes))) {
			const list = opened.get(scope) ?? [];
			list.push({ operation, alternatives: operation.alternatives.filter(({ scopes }) => scopes.includes(scope)) });
			opened.set(scope, list);
		}
	}
	const groups = new Map<string, { api: string | null; reserved: boolean; entries: Entry[] }>();
	for (const permission of permissions) {
		const any = permission.kind === 'application' && !permission.reserved ? (opened.get(ANY_APPLICATION) ?? []) : [];
		const opens = [...(opened.get(permission.name) ?? []), ...any];
		const apis = [...new Set(opens.map(({ operation }) => operation.api))];
		const api = apis[0] ?? null;
		const key = `${permission.reserved ? 1 : 0} ${api ?? ''}`;
		const group = groups.get(key) ?? { api, reserved: permission.reserved, entries: [] };
		group.entries.push({ permission, opens, alsoIn: apis.slice(1) });
		groups.set(key, group);
	}
	return [...groups.values()].sort(
		(one, other) => Number(one.reserved) - Number(other.reserved) || Number(one.api === null) - Number(other.api === null) || (one.api ?? '').localeCompare(other.api ?? ''),
	);
}

export function useCatalogue(partition: string): UseQueryResult<Catalogue> {
	const api = useApi();
	return useQuery({ queryKey: ['catalogue', partition], queryFn: ({ signal }) => catalogueRead(api, partition, signal) });
}
