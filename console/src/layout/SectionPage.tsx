import { Card, SimpleGrid, Text } from '@mantine/core';
import { Link } from 'react-router';

import { usePartition } from '../api/hooks';
import { Page } from '../parts/Page';
import { pathTo, type Section } from './sections';

/** What is in a section. */
export function SectionPage({ section }: { section: Section }) {
	const partition = usePartition();
	return (
		<Page title={section.label}>
			<SimpleGrid cols={{ base: 1, md: 2, xl: section.pages.length % 3 === 0 ? 3 : 4 }}>
				{section.pages.map((page) => (
					<Card key={page.key} withBorder component={Link} to={pathTo(partition, section.key, page.key)} data-testid={`card-${page.key}`}>
						<Text fw={600}>{page.label}</Text>
						<Text size="sm" c="dimmed">
							{page.about}
						</Text>
					</Card>
				))}
			</SimpleGrid>
		</Page>
	);
}
