import { People } from '../people';
import { customers } from '../people/kind';

export default function Customers() {
	return <People kind={customers} />;
}
