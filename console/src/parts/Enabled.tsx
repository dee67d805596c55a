import { Badge } from '@mantine/core';

/** Whether a person or a client application may be used at all; said in words. */
export function Enabled({ enabled }: { enabled: boolean | null }) {
	return enabled === false ? (
		<Badge color="gray" variant="outline" tt="none" miw="max-content" style={{ verticalAlign: 'middle' }}>
			Disabled
		</Badge>
	) : (
		<Badge color="teal" variant="light" tt="none" miw="max-content" style={{ verticalAlign: 'middle' }}>
			Enabled
		</Badge>
	);
}
