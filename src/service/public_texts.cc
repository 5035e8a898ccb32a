#include "service/public_texts.h"

namespace vitrine::service {

Result<std::shared_ptr<const std::string>> PublicTexts::text(
    const core::KeyRecord& key, Form form, const std::function<Result<std::string>()>& make) {
  const std::pair name(key.index, form);
  {
    const Lock lock(mutex_);
    if (const auto found = texts_.find(name); found != texts_.end()) return found->second;
  }
  VITRINE_TRY(std::string made, make());
  auto text = std::make_shared<const std::string>(std::move(made));
  const Lock lock(mutex_);
  if (texts_.size() >= kTextsMax) texts_.erase(texts_.begin());
  return texts_.emplace(name, std::move(text)).first->second;
}

}  // namespace vitrine::service
