import { People } from '../people';
import { users } from '../people/kind';

export default function Users() {
	return <People kind={users} />;
}
