import { customers, users } from './kind';
import { NewPerson } from './NewPerson';
import { PersonList } from './PersonList';
import { PersonPage } from './PersonPage';

export const Users = () => <PersonList kind={users} />;
export const User = () => <PersonPage kind={users} />;
export const NewUser = () => <NewPerson kind={users} />;

export const Customers = () => <PersonList kind={customers} />;
export const Customer = () => <PersonPage kind={customers} />;
export const NewCustomer = () => <NewPerson kind={customers} />;
