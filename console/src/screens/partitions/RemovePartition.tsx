import { Text } from '@mantine/core';

import type { Schemas } from '../../api/client';
import { useApi, useMe } from '../../api/hooks';
import { Remove } from '../../parts/Remove';

/** SYSTEM stays: it is where those who look after all partitions are. */
export function RemovePartition({ partition, gone, compact = false }: { partition: Schemas['Partition']; gone?: () => unknown; compact?: boolean }) {
	const api = useApi();
	const me = useMe();
	if (partition.id === 'SYSTEM' || partition.id === me.partition) return null;
	return (
		<Remove
			what="partition"
			name={partition.id}
			compact={compact}
			act={() => api.remove('/partitions/{partition}', { partition: partition.id }, `"v${partition.version}"`)}
			{...(gone === undefined ? {} : { gone })}
		>
			<Text size="sm" fw={600} mb="xs">
				Everything in it is lost: users, customers, client applications and their secrets, permissions, APIs, signing keys.
			</Text>
			Nobody can sign in to it any more, and none of its tokens is good. This cannot be undone; only a backup brings it back.
		</Remove>
	);
}
