import { Paper, Radio, Stack } from '@mantine/core';

import type { Schemas } from '../../api/client';
import { platformAbout, platformTable, platformWords } from './words';

interface PlatformFieldProps {
	value: string | null;
	onChange: (value: string | null) => void;
	error?: string | undefined;
}

const platforms: readonly Schemas['Platform'][] = ['web', 'spa'];

export function PlatformField({ value, onChange, error }: PlatformFieldProps) {
	return (
		<Radio.Group label="Platform" description="Determines which OAuth 2.0 flows are available and how your application should handle its credentials." value={value} onChange={onChange} error={error} data-testid="field-platform" required>
			<Stack gap="xs" mt="xs">
				{platforms.map((platform) => (
					<Radio key={platform} value={platform} label={platformWords[platform]} description={platformAbout[platform]} data-testid={`platform-${platform}`} />
				))}
			</Stack>
		</Radio.Group>
	);
}

/** The guide's comparison of the two. */
export function PlatformTable() {
	const labels = ['Feature', 'Single Page Application (SPA)', 'Web Applications (Confidential)'] as const;
	return (
		<Paper withBorder style={{ overflow: 'hidden' }}>
			<table className="data" role="table" data-testid="platforms" aria-label="Key differences between the platforms">
				<thead role="rowgroup">
					<tr role="row">
						{labels.map((label) => (
							<th key={label} role="columnheader" scope="col">
								{label}
							</th>
						))}
					</tr>
				</thead>
				<tbody role="rowgroup">
					{platformTable.map((row) => (
						<tr key={row.feature} role="row">
							{[row.feature, row.spa, row.web].map((text, index) => (
								<td key={labels[index]} role={index === 0 ? 'rowheader' : 'cell'} data-label={labels[index]}>
									{index === 0 ? <strong>{text}</strong> : text}
								</td>
							))}
						</tr>
					))}
				</tbody>
			</table>
		</Paper>
	);
}
