"""Images that authors upload: made safe in a process of their own, stored, served."""
