import { usePartition, useRead } from '../../api/hooks';

/** The registration ids of the partition's identity providers. */
export function useProviders(enabled = true): readonly string[] {
	const partition = usePartition();
	const providers = useRead('/partitions/{partition}/identity-providers', { partition }, { limit: 200 }, { enabled });
	return providers.data?.value.items.map((provider) => provider.registration_id) ?? [];
}
