// Names of several client applications at once, where they are not links but words of a chart.
import { useQueries } from '@tanstack/react-query';

import { useApi, usePartition } from '../../api/hooks';
import { FOUND } from '../../parts/names';
import { useSession } from '../../session/context';

const PATH = '/partitions/{partition}/client-applications';

/** Those that are known; keys and queries are those of parts/names.tsx, so that nothing is read twice. */
export function useApplicationNames(ids: readonly string[]): ReadonlyMap<string, string> {
	const api = useApi();
	const partition = usePartition();
	const own = useSession().console.client_id;
	const reads = useQueries({
		queries: ids.map((client_id) => ({
			queryKey: [PATH, { partition }, { search: client_id, limit: FOUND }],
			queryFn: ({ signal }: { signal: AbortSignal }) => api.read(PATH, { partition }, { search: client_id, limit: FOUND }, signal),
			enabled: client_id !== own,
		})),
	});
	const names = new Map<string, string>();
	ids.forEach((id, index) => {
		const name = id === own ? 'Administration Console' : reads[index]?.data?.value.items.find((application) => application.client_id === id)?.name;
		if (name !== undefined) names.set(id, name);
	});
	return names;
}
