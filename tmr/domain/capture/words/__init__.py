"""The words of postings and of mails about them: names, boards, labels, signs of a kind, in four languages."""
