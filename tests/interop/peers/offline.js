// Whatever a library would like to fetch, it has to do without.
import net from 'node:net';

net.Socket.prototype.connect = () => {
  throw new Error('no network here');
};
