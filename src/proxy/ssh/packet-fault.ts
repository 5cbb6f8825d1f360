/** What the other side did against the protocol. The message is in our own words, for whoever did it. */
export class PacketFault extends Error {
  constructor(words: string) {
    super(words)
    this.name = 'PacketFault'
  }
}
