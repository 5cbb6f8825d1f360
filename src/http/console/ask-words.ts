/** All that is asked, each once: two rules that ask one approver are both answered by one. */
export const asksWords = (needs: readonly { readonly need: number; readonly from: readonly string[] }[]): string =>
  [...new Set(needs.map(askWords))].join('; ')

/** `1 approver`, `2 approvers`, `1 approver or security`: how many of whom are asked. */
export const askWords = ({ need, from }: { readonly need: number; readonly from: readonly string[] }): string =>
  `${need} ${from.map((role) => (need > 1 && role !== 'security' ? `${role}s` : role)).join(' or ')}`
