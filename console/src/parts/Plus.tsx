import { Button } from '@mantine/core';
import { Link } from 'react-router';

import { Icon } from './icons';

/** The guide's (+) button. label says what it makes: "New client application". */
export function Plus({ to, label }: { to: string; label: string }) {
	return (
		<Button component={Link} to={to} leftSection={<Icon name="add" size={16} />} data-testid="create">
			{label}
		</Button>
	);
}
