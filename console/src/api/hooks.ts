// Reading through TanStack Query: one key an address, so that a change can make all of it be read again.
import { QueryClient, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { useParams } from 'react-router';

import { nameIn } from '../layout/sections';
import { type Address, type Api, type Held, type Names, type Query, type Reply, type Schemas } from './client';
import { Problem } from './problem';

export const ApiContext = createContext<Api | null>(null);
export const MeContext = createContext<Schemas['Me'] | null>(null);

export function useApi(): Api {
	const api = useContext(ApiContext);
	if (api === null) throw new Error('no Api');
	return api;
}

/** Who is signed in. */
export function useMe(): Schemas['Me'] {
	const me = useContext(MeContext);
	if (me === null) throw new Error('no Me');
	return me;
}

/** The partition that is administered: the one in the address. */
export function usePartition(): string {
	const { partition } = useParams();
	if (partition === undefined) throw new Error('an address without a partition');
	return partition;
}

/** The name of the object that the address is about, or of its tab; '' where there is none. */
export function useNamed(parameter: string): string {
	return nameIn(useParams()[parameter] ?? '');
}

/** May the person change anything, or only look? */
export function useMayManage(): boolean {
	return useMe().permissions.includes('writ.admin.manage');
}

export function createQueryClient(): QueryClient {
	return new QueryClient({
		defaultOptions: {
			queries: {
				retry: (count, error) => count < 2 && error instanceof Problem && error.passing,
				retryDelay: (count) => 500 * 2 ** count,
				refetchOnWindowFocus: false,
				networkMode: 'always',
			},
			mutations: { retry: false, networkMode: 'always' },
		},
	});
}

/** An object or a page. keep: what was shown stays while the next is read (pages of one list). */
export function useRead<P extends Address<'get'>>(
	path: P,
	names: Names<P>,
	query?: Query<P, 'get'>,
	options: { enabled?: boolean; keep?: boolean } = {},
): UseQueryResult<Held<Reply<P, 'get'>>> {
	const api = useApi();
	return useQuery<Held<Reply<P, 'get'>>>({
		queryKey: [path, names, query ?? {}],
		queryFn: ({ signal }) => api.read(path, names, query, signal),
		enabled: options.enabled ?? true,
		...(options.keep === true ? { placeholderData: (before: Held<Reply<P, 'get'>> | undefined) => before } : {}),
	} as Parameters<typeof useQuery<Held<Reply<P, 'get'>>>>[0]);
}

/** Call it after a change: whatever is on the screen is read again. */
export function useChanged(): () => Promise<void> {
	const client = useQueryClient();
	return () => client.invalidateQueries();
}
