"""What a trial with people says: how many are needed, whether the groups were drawn fairly, and what came out."""
