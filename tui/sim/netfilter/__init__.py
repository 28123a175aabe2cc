"""netfilter: hooks, tables, rules, their evaluation, and conntrack."""
